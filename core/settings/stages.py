"""The settings of each stage and of a run: default, range, unit and meaning of each field, in this one place.

"Article" in a sentence means the article that the `article` preset follows step by step.
"""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from core.errors import BadSettings
from core.settings.base import FromList, Number, Settings, StageSettings

Split = Literal["films", "random"]
Form = Literal["raw", "principal", "varimax"]
"""In which of the equivalent rotations the factors are shown; see `core.factors.rotation`."""
Start = Literal["nothing", "bundled", "wikitext"]
Reads = Literal["rated", "unrated", "all"]
HeldOut = Literal["random", "test"]
Device = Literal["auto", "cpu", "cuda"]
DEFAULT_DATA = "default"
"""MovieLens 100K with the sample reviews; the planted world where MovieLens cannot be had."""
MANY = 10**6
MOST = 10**9


class FactorModelSettings(StageSettings):
    """Ratings -> factors."""

    stage: ClassVar[str] = "factor_model"
    options: ClassVar[tuple[str, ...]] = ("factors",)
    method: Literal["dot-bias", "gibbs"] = "dot-bias"
    """How factors are learned: fastai's EmbeddingDotBias, or Bayesian matrix factorisation (gibbs)."""
    factors: int | None = Field(default=50, ge=1, le=1000)
    """Number of factors that the model learns (article: 50). Empty: as many as hold up when other people rate."""
    valid_share: Number = Field(default=0.2, ge=0.001, le=0.9)
    """Share of the ratings kept out of training, to measure the error (fastai: 0.2)."""
    # By dot-bias.
    epochs: int = Field(default=5, ge=1, le=10_000)
    """Passes over the ratings (article: 5)."""
    batch_size: int = Field(default=512, ge=1, le=MOST)
    """Ratings per step (article: 64). 512 is as good and many times as fast; see benchmarks/factor_model.md."""
    most_steps: int = Field(default=1000, ge=1, le=MOST)
    """Most steps per epoch. With more ratings, the batches grow."""
    least_steps: int = Field(default=0, ge=0, le=MANY)
    """Fewest steps of the training (article: no bound). With few ratings, batches shrink. Then epochs are added, as
    many as ratings set apart gain from."""
    learning_rate: Number = Field(default=5e-3, ge=1e-8, le=10)
    """Highest learning rate of the one-cycle schedule (article: 5e-3)."""
    weight_decay: Number = Field(default=0.1, ge=0, le=100)
    """Weight decay: how strongly weights are pulled to zero (article: 0.1)."""
    # By gibbs.
    burn_in: int = Field(default=20, ge=0, le=MANY)
    """Sweeps of the Gibbs sampler before its samples enter the predictions."""
    samples: int = Field(default=200, ge=1, le=MANY)
    """Sweeps after the burn-in."""
    settled: int = Field(default=100, ge=0, le=MANY)
    """Sweeps before samples enter the weights and intervals, since weak factors grow slowly. With fewer sweeps in
    all, `burn_in` counts."""
    implicit: int = Field(default=64, ge=0, le=10_000)
    """Features of who rated what that the model may use. 0 leaves them out."""


class StabilitySettings(StageSettings):
    """Which factors repeat, and how many."""

    stage: ClassVar[str] = "stability"
    repeats: int = Field(default=5, ge=2, le=1000)
    """How often the users are halved at random."""
    seeds: int = Field(default=3, ge=2, le=1000)
    """How many other seeds the model is trained from."""
    burn_in: int = Field(default=100, ge=0, le=MANY)
    """Sweeps before a Bayesian model that is trained again keeps samples."""
    samples: int = Field(default=40, ge=1, le=MANY)
    """Samples that a model trained again keeps."""
    least_ratings: int = Field(default=10, ge=1, le=MANY)
    """Fewest ratings of a compared film from each half of the users, about."""
    films_a_factor: int = Field(default=2, ge=1, le=1000)
    """Fewest compared films per factor. With fewer, any two models look alike."""
    stable_from: Number = Field(default=0.7, ge=0, le=1)
    """Least correlation between halves of a stable factor. At 0.7, half of the variance is common."""
    most_factors: int = Field(default=16, ge=1, le=1000)
    """Factors that are tried where their number is to be chosen."""
    most_ratings: int = Field(default=1_000_000, ge=1, le=MOST)
    """Most ratings that are used. From larger data, users are drawn at random."""


class SelectionSettings(StageSettings):
    """Factors -> the films of the run."""

    stage: ClassVar[str] = "selection"
    options: ClassVar[tuple[str, ...]] = ("films", "least_ratings")
    top: int = 5
    """FACTORS: each film is labelled with this many of its strongest factors (article: 5)."""
    films: int = Field(default=20, ge=2, le=10_000)
    """How many films to read reviews of, from the top of the ranking (article: 20)."""
    rank_by: int = 0
    """The factor that ranks the films, counted from 0 (article: 0)."""
    exclude_factors: Annotated[tuple[int, ...], FromList] = ()
    """A film is left out if one of these is among its top factors (article: none, or 0)."""
    least_ratings: int = Field(default=20, ge=0, le=MANY)
    """Films with fewer ratings are left out. Their weights rest on too few ratings (article: 0)."""
    only: Annotated[tuple[str, ...], FromList] = ()
    """Ids of the films to take, whatever their rank. Empty: the ranking decides."""
    pass_over: bool = True
    """Replace a film without reviews by the next of the ranking (article: no)."""


class LanguageModelSettings(StageSettings):
    """Reviews -> encoder and vocabulary, by fastai's AWD_LSTM."""

    stage: ClassVar[str] = "language_model"
    start: Start = "nothing"
    """Weights to start from: none, the bundled encoder, or fastai's of WikiText-103 (article)."""
    reads: Reads = "rated"
    """Reviews to train on: of the rated films, of all others, or all (article)."""
    held_out: HeldOut = "random"
    """Reviews that measure the perplexity: a tenth at random (article), or the source's test part."""
    embedding_size: int = Field(default=400, ge=1, le=10_000)
    """Length of a word's vector (fastai's AWD_LSTM: 400)."""
    hidden_size: int = Field(default=1152, ge=1, le=10_000)
    """Width of the inner LSTM layers (fastai's AWD_LSTM: 1152)."""
    layers: int = Field(default=3, ge=1, le=20)
    """LSTM layers (fastai's AWD_LSTM: 3)."""
    vocabulary: int = Field(default=60_000, ge=1, le=MANY)
    """How many of the most frequent words are known (fastai: 60,000)."""
    min_frequency: int = Field(default=3, ge=1, le=MANY)
    """Words seen less often count as unknown (fastai: 3)."""
    # Of the dropouts that it scales, the largest is a quarter here and a half in the classifier.
    drop_mult: Number = Field(default=0.3, ge=0, le=3)
    """Factor by which all dropouts are multiplied (article: 0.3)."""
    batch_size: int = Field(default=128, ge=1, le=MANY)
    """Streams of text that are trained side by side (article: 128)."""
    sequence_length: int = Field(default=80, ge=1, le=10_000)
    """Words per step (article: 80)."""
    frozen_epochs: int = Field(default=1, ge=0, le=1000)
    """Epochs that train only the new parts (article: 1)."""
    frozen_rate: Number = Field(default=2e-2, ge=1e-8, le=10)
    """Highest learning rate of these epochs (article: 2e-2)."""
    epochs: int = Field(default=10, ge=0, le=1000)
    """Epochs that train everything (article: 10)."""
    rate: Number = Field(default=2e-3, ge=1e-8, le=10)
    """Highest learning rate of these epochs (article: 2e-3)."""
    max_reviews: int | None = Field(default=None, ge=2, le=MOST)
    """Most reviews to train on, drawn at random. Empty: all."""
    sampled_words: int | None = Field(default=None, ge=1, le=MANY)
    """Words in the loss: this many of the commonest, and as many drawn from the others. Empty: all (article)."""


class Phase(Settings):
    """One step of gradual unfreezing: which layer groups train, how long, how fast."""

    unfrozen: int = Field(ge=0, le=20)
    """Layer groups that train, counted from the last one. 0: all."""
    epochs: int = Field(ge=1, le=1000)
    """Passes over the labelled reviews."""
    rate: Number = Field(ge=1e-8, le=10)
    """Highest learning rate of the last layers. Lower groups get less, down to rate / 2.6**4 (ULMFiT)."""


ARTICLE_PHASES = (
    Phase(unfrozen=1, epochs=1, rate=2e-2),
    Phase(unfrozen=2, epochs=1, rate=1e-2),
    Phase(unfrozen=3, epochs=1, rate=5e-3),
    Phase(unfrozen=0, epochs=2, rate=1e-3),
)


class ClassifierSettings(StageSettings):
    """Labelled reviews and encoder -> classifier, by fastai's text_classifier_learner."""

    stage: ClassVar[str] = "classifier"
    drop_mult: Number = Field(default=0.5, ge=0, le=1.9)
    """Factor by which all dropouts are multiplied (article: 0.5)."""
    batch_size: int = Field(default=64, ge=2, le=MANY)
    """Reviews per step (fastai: 64)."""
    sequence_length: int = Field(default=72, ge=1, le=10_000)
    """Words that pass the encoder at once (fastai: 72)."""
    max_length: int = Field(default=1440, ge=1, le=MANY)
    """How many words the classifier sees, from the end of a review (fastai: 1440)."""
    head_epochs: int = Field(default=5, ge=1, le=10_000)
    """Passes that train the last layers alone, while the encoder stays as it is."""
    head_rate: Number = Field(default=3e-3, ge=1e-8, le=10)
    """Highest learning rate of these passes."""
    head_decay: Number = Field(default=10.0, ge=0, le=1000)
    """Weight decay of these passes. The bias has none."""
    phases: Annotated[tuple[Phase, ...], FromList] = ARTICLE_PHASES
    """Steps of gradual unfreezing (article). None: the encoder stays as it is."""
    head_first: bool = False
    """Train the last layers alone before the unfreezing (article: no)."""
    folds: int = Field(default=5, ge=2, le=1000)
    """Parts of the films. Each is graded by a classifier trained on the others."""
    calibrated: bool = True
    """Correct the probabilities and thresholds by reviews that were held out (article: no)."""
    valid_share: Number = Field(default=0.2, ge=0.001, le=0.9)
    """Share of films or reviews held out (article: 0.2 of the reviews)."""
    threshold: Number = Field(default=0.5, ge=0, le=1)
    """Probability from which a factor counts as predicted, if probabilities are not corrected (fastai: 0.5)."""


class RunSettings(StageSettings):
    """All that decides the result of a run, but for the data themselves."""

    options: ClassVar[tuple[str, ...]] = ("seed",)
    preset: str = "quick"
    ratings: str = "ml-100k"
    """A data set's name (`ml-100k`, `planted`, …), the path of a file or folder, or `default`."""
    reviews: str = "sample"
    """A source's name, the path of a file, or `default`. Names: `sample`, `lmrd`, `critics`, `imdb`, `tmdb` (with
    your own key), `planted`. A plus joins several: `lmrd+critics`."""
    split: Split = "films"
    """What is held out to grade the classifier: whole films, or single reviews (article)."""
    seed: int = Field(default=42, ge=0, le=2**32 - 1)
    """Decides every random draw. The same seed gives the same result."""
    device: Device = "auto"
    """Where models train and read: on whichever is faster (`auto`), the processor (`cpu`) or a GPU (`cuda`)."""
    form: Form | None = "principal"
    """Form of the factors (article: raw). Empty: the one that holds up best between halves of the users."""
    factor_model: FactorModelSettings = FactorModelSettings()
    stability: StabilitySettings = StabilitySettings()
    selection: SelectionSettings = SelectionSettings()
    language_model: LanguageModelSettings = LanguageModelSettings()
    classifier: ClassifierSettings = ClassifierSettings()

    @model_validator(mode="after")
    def _stages_fit_together(self) -> Self:
        factors, model = self.factor_model.factors, self.language_model
        # Where the number of factors is chosen later, it is at most this; what exceeds it is refused then.
        last = (factors or self.stability.most_factors) - 1
        limited = [
            ("top", self.selection.top, 1, last + 1),
            ("rank-by", self.selection.rank_by, 0, last),
            *[("exclude-factor", factor, 0, last) for factor in self.selection.exclude_factors],
        ]
        for name, value, low, high in limited:
            if not low <= value <= high:
                raise BadSettings(f"{name} is {value}; choose a whole number from {low} to {high}")
        if model.start != "bundled" and not model.epochs and not model.frozen_epochs:
            raise BadSettings(
                "the language model has no epochs to train; choose at least 1, or start from bundled"
            )
        if factors is None and self.form == "raw":
            raise BadSettings(
                "raw factors have no order to choose their number by; take principal or varimax"
            )
        if factors is not None and self.form is None:
            raise BadSettings(
                "the form is chosen only together with the number of factors; name a form, or use stable"
            )
        return self
