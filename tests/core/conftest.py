"""A small encoder and a classifier with random weights, made once for all tests of the core."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.small_encoder import SMALL

from core.data.ratings.synthetic import synthetic_world
from core.language_model.tokenizer import tokenise
from core.language_model.tokens import Tokens
from core.progress import silent

if TYPE_CHECKING:
    from support.random_classifier import RandomClassifier


@pytest.fixture(scope="session")
def tokens() -> Tokens:
    """The tokens of the made-up reviews of twenty films."""
    return tokenise(synthetic_world(films=20).reviews.review, silent, "")


@pytest.fixture(scope="session")
def encoder(tokens: Tokens, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an encoder that was trained on these tokens by SMALL, with the seed 1."""
    # Not at the top: most tests of the core need neither torch nor fastai, which take seconds.
    from core.language_model.fine_tuning import Corpus, fine_tune
    from core.training.fit import FitContext

    folder = tmp_path_factory.mktemp("encoder")
    fine_tune(Corpus(tokens), SMALL, FitContext(1, silent), folder)
    return folder


@pytest.fixture(scope="session")
def random_classifier(tmp_path_factory: pytest.TempPathFactory) -> "RandomClassifier":
    """A classifier with random weights, and its folder."""
    # Not at the top, as above.
    from support.random_classifier import random_classifier

    return random_classifier(tmp_path_factory.mktemp("classifier"))
