"""The features of texts, beside those that fastai's classifier pools."""

import numpy as np
from support.random_classifier import CHUNK, POOLED, RandomClassifier, texts

from core.language_model.encoder import AFTER, Encoder
from core.progress import silent

ON_PROCESSOR = 1e-6
"""How far features may be apart on a processor; on a GPU it is 1e-5 (`tests/core/training/test_gpu.py`)."""


def test_features_are_those_of_fastai_for_each_text_alone(random_classifier: RandomClassifier) -> None:
    # Around a chunk, around what is pooled, and as long as is read.
    numbers = texts([1, 4, 5, 40, 9, 10, 11, 12, 13, 30, 2])
    features = Encoder(random_classifier.folder).pooled(numbers, silent, POOLED, CHUNK)
    assert np.abs(features - [random_classifier.features(text) for text in numbers]).max() < ON_PROCESSOR


def test_what_lies_far_back_is_not_read(random_classifier: RandomClassifier) -> None:
    (long,) = texts([4000])
    changed = np.concatenate([long[:-48][::-1], long[-48:]])
    features = Encoder(random_classifier.folder).pooled([long, changed], silent, POOLED, CHUNK)
    assert np.abs(features[0] - features[1]).max() < ON_PROCESSOR


def test_a_text_without_a_part_is_read_as_if_it_had_never_had_it(random_classifier: RandomClassifier) -> None:
    (text,) = texts([POOLED])
    parts = [(1, 2), (3, 6), (7, 8), (9, 10)]
    encoder = Encoder(random_classifier.folder)
    rows = encoder.without(encoder.trace(text, POOLED, CHUNK), parts)
    assert max(end - start for start, end in parts) < AFTER
    alone = [random_classifier.features(np.delete(text, slice(*part))) for part in [(0, 0), *parts]]
    assert np.abs(rows - alone).max() < ON_PROCESSOR


def test_a_part_that_is_not_read_changes_nothing(random_classifier: RandomClassifier) -> None:
    encoder = Encoder(random_classifier.folder)
    trace = encoder.trace(*texts([100]), POOLED, CHUNK)
    whole, far, before, inside = encoder.without(trace, [(5, 7), (85, 87), (97, 98)])
    assert np.array_equal(whole, far)
    # What comes before all that is pooled is remembered there.
    assert np.abs(whole - before).max() > 1e-3 and np.abs(whole - inside).max() > 1e-3
