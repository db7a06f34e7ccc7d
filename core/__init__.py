"""Factorscope: what the latent factors of a recommender mean, by what people write about the films.

Read the modules in the order in which data flow:

    settings, errors, paths, progress, wording, store   what every stage is given
    datasets, planted -> ratings -> factor_model -> canonical -> stability -> associations, top_factors
    reviews -> labels; tokens -> language_model -> encoder -> classifier -> predictions -> highlights
    baselines, calibration, evaluation     what reading is compared to, corrected and graded by
    frequencies                            predictions -> counts; placing: films that have only reviews
    pipeline                               the chain, each costly stage through the store
    names, profiles, telling, film_list, stability_tables, grade_tables   the small tables of a screen
    figures, verdict, story, truth, report  tables -> pictures and sentences; what a made-up world had planted
    tables, uploads, looks                 files of the user's: what is in them, and keeping them
    texts -> predict, answers              a run's folder + texts -> what is read in them; in a process of its own
    expected, evidence                     the rating to expect of a film placed; when what was read is thin
    device, curves                         what training runs on, and how it went
    changes, comparison, export            settings that differ, runs side by side, a run as a zip
    jobs, verbs, __main__                  the chain in the background, and by the command line
    ending                                 how a process ends that may have read tables
"""

import warnings

# Said by torch and fastai about their own code while they are imported; a user could do nothing.
for said in (
    "`torch.jit.script` is deprecated",
    "The given NumPy array is not writable",
    "The 'mode.chained_assignment' option is deprecated",
    "Sparse CSR tensor support is in beta state",
):
    warnings.filterwarnings("ignore", said)
