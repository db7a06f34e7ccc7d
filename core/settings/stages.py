"""The settings of each stage and of a run, frozen, each with its meaning, unit and source.

"Article" in a comment means the article that the `article` preset follows step by step.
"""

from dataclasses import dataclass, field
from typing import Literal

from core.errors import BadSettings
from core.settings.ranges import check_ranges

SPLITS = ("films", "random")
FORMS = ("raw", "principal", "varimax")
Form = Literal["raw", "principal", "varimax"]
"""In which of the equivalent rotations the factors are shown; see `core.factors.rotation`."""


@dataclass(frozen=True)
class FactorModelSettings:
    """Ratings -> factors."""

    method: Literal["dot-bias", "gibbs"] = "dot-bias"
    """fastai's EmbeddingDotBias, or Bayesian matrix factorisation by Gibbs sampling."""
    factors: int | None = 50
    """Columns of the film embedding (article: 50); empty: as many as repeat between halves of the users."""
    valid_share: float = 0.2
    """Share of the ratings kept out of training to measure the error (fastai's default: 0.2)."""
    # By dot-bias.
    epochs: int = 5
    """Passes over the ratings (article: 5)."""
    batch_size: int = 512
    """Ratings a step (article: 64; 512 is as good and many times as fast, see benchmarks/factor_model.md)."""
    most_steps: int = 1000
    """Most steps an epoch: with more ratings than that many batches hold, batches grow."""
    learning_rate: float = 5e-3
    """Highest rate of the one-cycle schedule (article: 5e-3)."""
    weight_decay: float = 0.1
    """Decoupled weight decay (article: 0.1)."""
    # By gibbs.
    burn_in: int = 20
    """Sweeps before a sample enters the predictions."""
    samples: int = 200
    """Sweeps after that."""
    settled: int = 100
    """Sweeps before a sample enters the weights and their intervals, since weak factors take some fifty to grow;
    with fewer sweeps in all it is `burn_in`."""
    implicit: int = 64
    """Features of who rated what that the priors may lean on; 0 leaves them out."""


@dataclass(frozen=True)
class StabilitySettings:
    """Which factors repeat, and how many."""

    repeats: int = 5
    """Random halvings of the users."""
    seeds: int = 3
    """Other seeds."""
    burn_in: int = 100
    """Sweeps before a Bayesian model that is trained again keeps samples."""
    samples: int = 40
    """Samples that it keeps."""
    least_ratings: int = 10
    """Films are compared that have twice as many ratings to train on, so about as many from each half."""
    films_a_factor: int = 2
    """Least films compared for each factor; with fewer any two spaces look alike."""
    stable_from: float = 0.7
    """Least correlation between halves of a stable factor: about half of the variance is common."""
    most_factors: int = 16
    """Factors trained where their number is to be chosen."""
    most_ratings: int = 1_000_000
    """Of larger data the ratings of a random part of the users are used, about so many."""


@dataclass(frozen=True)
class SelectionSettings:
    """Factors -> the films of the run."""

    top: int = 5
    """FACTORS: how many of a film's highest factors are its labels (article: 5)."""
    films: int = 20
    """How many films, taken from the top of the ranking (article: 20)."""
    rank_by: int = 0
    """Factor by whose weight films are ranked (article: 0)."""
    exclude_factors: tuple[int, ...] = ()
    """Films that have one of these among their top factors are left out (article: optionally 0)."""
    least_ratings: int = 20
    """Films with fewer ratings are not chosen, since their weights rest on little (article: 0)."""
    only: tuple[str, ...] = ()
    """Ids of the films to take, whatever their rank; none leaves the choice to the ranking."""
    pass_over: bool = True
    """Go further down the ranking where a film has no reviews (article: no, such films stay, empty)."""


@dataclass(frozen=True)
class LanguageModelSettings:
    """Reviews -> encoder and vocabulary, by fastai's AWD_LSTM."""

    start: Literal["nothing", "bundled", "wikitext"] = "nothing"
    """Weights to start from: none, the project's own encoder, or fastai's of WikiText-103 (article)."""
    reads: Literal["rated", "unrated", "all"] = "rated"
    """Reviews that are read: of the rated films, of all others, or all that the source has (article)."""
    held_out: Literal["random", "test"] = "random"
    """Reviews that measure the perplexity: a tenth at random (article), or the source's own test part."""
    embedding_size: int = 400
    """Length of a word's vector (fastai's AWD_LSTM: 400)."""
    hidden_size: int = 1152
    """Width of the inner LSTM layers (fastai's AWD_LSTM: 1152)."""
    layers: int = 3
    """LSTM layers (fastai's AWD_LSTM: 3)."""
    vocabulary: int = 60_000
    """Most frequent words that are kept (fastai: 60,000)."""
    min_frequency: int = 3
    """Words seen less often are unknown (fastai: 3)."""
    drop_mult: float = 0.3
    """Scale of all dropouts (article: 0.3)."""
    batch_size: int = 128
    """Streams of text trained side by side (article: 128)."""
    sequence_length: int = 80
    """Words a step (article: 80)."""
    frozen_epochs: int = 1
    """Epochs that train only the new parts (article: 1)."""
    frozen_rate: float = 2e-2
    """Their highest learning rate (article: 2e-2)."""
    epochs: int = 10
    """Epochs that train everything (article: 10)."""
    rate: float = 2e-3
    """Their highest learning rate (article: 2e-3)."""
    max_reviews: int | None = None
    """Most reviews that are read, drawn at random; empty: all."""
    sampled_words: int | None = None
    """The loss takes so many of the commonest words in full, and of the others as many, drawn each step, that stand
    for all of these; empty: all words (article)."""


@dataclass(frozen=True)
class Phase:
    """One step of gradual unfreezing: which layer groups train, how long, how fast."""

    unfrozen: int
    """Layer groups that train, counted from the head; 0 stands for all."""
    epochs: int
    """Passes over the labelled reviews."""
    rate: float
    """Highest learning rate of the head; lower groups get less, down to rate / 2.6**4 (ULMFiT)."""


ARTICLE_PHASES = (Phase(1, 1, 2e-2), Phase(2, 1, 1e-2), Phase(3, 1, 5e-3), Phase(0, 2, 1e-3))


@dataclass(frozen=True)
class ClassifierSettings:
    """Labelled reviews and encoder -> classifier, by fastai's text_classifier_learner."""

    drop_mult: float = 0.5
    """Scale of all dropouts (article: 0.5)."""
    batch_size: int = 64
    """Reviews a step (fastai's default: 64)."""
    sequence_length: int = 72
    """Words that pass the encoder at once (fastai's default: 72)."""
    max_length: int = 1440
    """Last words of a review that the head sees (fastai's default: 72 * 20)."""
    head_epochs: int = 5
    """Passes that train a head alone on what the frozen encoder made of each review, once."""
    head_rate: float = 3e-3
    """Their highest learning rate."""
    head_decay: float = 10.0
    """Their decoupled weight decay; the bias has none."""
    phases: tuple[Phase, ...] = ARTICLE_PHASES
    """Gradual unfreezing (article, with the 2.6**4 that it meant); none leaves the encoder frozen."""
    head_first: bool = False
    """Begin the unfreezing from a head that was trained alone (article: no)."""
    folds: int = 5
    """Parts of the films that are read in turn by a head that was trained on the others, to grade the factors."""
    calibrated: bool = True
    """Correct the probabilities, and choose the thresholds, on reviews held out (article: no)."""
    valid_share: float = 0.2
    """Share of films, or of reviews, held out (article: 0.2 of the reviews)."""
    threshold: float = 0.5
    """Probability from which a factor counts as predicted where they are not calibrated (fastai's default: 0.5)."""


@dataclass(frozen=True)
class RunSettings:
    """All that decides the result of a run, but for the data themselves."""

    preset: str = "quick"
    ratings: str = "ml-100k"
    """A data set's name (`ml-100k`, `planted`, …), the path of a file or folder, or `default`."""
    reviews: str = "sample"
    """A source's name (`sample`, `lmrd`, `planted`), the path of a file, or `default`."""
    split: Literal["films", "random"] = "films"
    """What is held out to grade the classifier: whole films, or (article) reviews at random."""
    seed: int = 42
    """Decides every random draw of the run."""
    form: Form | None = "principal"
    """Form of the factors (article: raw); empty: the one that repeats best between halves of the users."""
    factor_model: FactorModelSettings = field(default_factory=FactorModelSettings)
    stability: StabilitySettings = field(default_factory=StabilitySettings)
    selection: SelectionSettings = field(default_factory=SelectionSettings)
    language_model: LanguageModelSettings = field(default_factory=LanguageModelSettings)
    classifier: ClassifierSettings = field(default_factory=ClassifierSettings)

    def __post_init__(self) -> None:
        factors = self.factor_model.factors
        # Where the number of factors is chosen later, it is at most this; what exceeds it is refused then.
        last = (factors or self.stability.most_factors) - 1
        whole = [
            ("factors", factors or 1, 1, 1000),
            ("top", self.selection.top, 1, last + 1),
            ("films", self.selection.films, 2, 10_000),
            ("least-ratings", self.selection.least_ratings, 0, 10**6),
            ("rank-by", self.selection.rank_by, 0, last),
            ("seed", self.seed, 0, 2**32 - 1),
            *[("exclude-factor", k, 0, last) for k in self.selection.exclude_factors],
        ]
        for name, value, low, high in whole:
            if not low <= value <= high:
                raise BadSettings(f"{name} is {value}; choose a whole number from {low} to {high}")
        check_ranges(self)
        if self.split not in SPLITS:
            raise BadSettings(f"split is {self.split!r}; choose one of {', '.join(SPLITS)}")
        if self.form not in (*FORMS, None):
            raise BadSettings(f"form is {self.form!r}; choose one of {', '.join(FORMS)}")
        how = self.language_model
        if how.start != "bundled" and not how.epochs and not how.frozen_epochs:
            raise BadSettings(
                "the language model has no epochs to train; choose at least 1, or start from bundled"
            )
        if factors is None and self.form == "raw":
            raise BadSettings("raw factors have no order to keep the first of; choose principal or varimax")
        if factors is not None and self.form is None:
            raise BadSettings(
                "the form can be chosen only with the number of factors; name one, or use stable"
            )
