"""Factorscope: what the latent factors of a recommender mean, by what people write about the films.

Five layers; a module imports only from layers below its own, which `make lint` checks. From top to bottom:

    5 entry      __main__ and cli, the command line; the dashboard is app.py and pages/ beside this package
    4 services   jobs, runs in the background; pipeline, the chain of stages; inference, new texts and a finished run
    3 results    results, a run's record, tables, sentences and report; figures, plotly charts; uploads, users' files
    2 models     cold_start, classification, factors, language_model, training
    1 base       data, ratings and reviews from their sources; settings; store, the cache; then child_process,
                 formatting, locks, paths, progress and errors

docs/architecture.md describes the whole tree, and follows one rating and one pasted review through it.
"""

import warnings

# Warnings of torch and fastai about their own code at import, about which a user can do nothing.
for message in (
    "`torch.jit.script` is deprecated",
    "The given NumPy array is not writable",
    "The 'mode.chained_assignment' option is deprecated",
    "Sparse CSR tensor support is in beta state",
):
    warnings.filterwarnings("ignore", message)
