"""Texts in slots: who reads what when, and the same features as of each text alone."""

import numpy as np
import pytest
import torch
from support.random_classifier import CHUNK, POOLED, RandomClassifier, texts

from core.language_model.encoder import Encoder
from core.language_model.pooling import first_pooled
from core.language_model.precision import Precision
from core.language_model.slots import SlotReader, plan
from core.progress import silent

LENGTHS = [1, 4, 5, 40, 9, 10, 11, 12, 13, 30, 2]
"""Around a chunk, around what is pooled, and as long as is read."""


def test_a_slot_reads_its_texts_end_to_end() -> None:
    read = plan(np.array([2, 4, 1, 3]), np.zeros(4, dtype=np.int64), 2)
    # Words 0-1, 2-5, 6 and 7-9 are the texts'; two slots of five words hold them all.
    assert read.places.T.tolist() == [[2, 3, 4, 5, 6], [7, 8, 9, 0, 1]]
    assert read.ends.starts.tolist() == [0, 0, 0, 1, 2, 4]
    assert list(zip(read.ends.slots.tolist(), read.ends.texts.tolist(), strict=True)) == [
        (1, 3),
        (0, 1),
        (0, 2),
        (1, 0),
    ]


def test_there_are_no_more_slots_than_the_longest_text_leaves_work_for() -> None:
    assert plan(np.array([10, 1, 1]), np.zeros(3, dtype=np.int64), 64).places.shape == (10, 2)


@pytest.mark.parametrize(("precision", "far"), [("float32-slots", 1e-6), ("bfloat16", 2e-2)])
def test_features_are_those_of_each_text_alone(
    random_classifier: RandomClassifier, precision: Precision, far: float
) -> None:
    numbers = texts(LENGTHS)
    encoder = Encoder(random_classifier.folder, precision=precision)
    features = encoder.pooled(numbers, silent, POOLED, CHUNK)
    apart = np.abs(features - [random_classifier.features(text) for text in numbers]).max()
    assert apart < far
    # Products of bfloat16 have three digits, so they show.
    assert precision != "bfloat16" or apart > 1e-4


def test_a_text_is_read_alike_whatever_stands_beside_it(random_classifier: RandomClassifier) -> None:
    numbers, encoder = texts(LENGTHS), Encoder(random_classifier.folder, precision="bfloat16")
    together = encoder.pooled(numbers, silent, POOLED, CHUNK)
    alone = np.concatenate([encoder.pooled([text], silent, POOLED, CHUNK) for text in numbers])
    assert np.abs(together - alone).max() < 1e-3


def test_products_without_packed_weights_are_the_same(
    random_classifier: RandomClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = texts(LENGTHS)
    packed = Encoder(random_classifier.folder, precision="float32-slots").pooled(numbers, silent)
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    plain = Encoder(random_classifier.folder, precision="float32-slots").pooled(numbers, silent)
    assert np.abs(packed - plain).max() < 3e-6


def test_the_reading_stops_where_a_count_is_refused(random_classifier: RandomClassifier) -> None:
    encoder, numbers, ended = Encoder(random_classifier.folder), texts([3, 5, 9]), list[int]()
    reader = SlotReader(encoder._words, encoder._layers, torch.float32)

    def refuse(texts: int) -> None:
        ended.append(texts)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reader.pooled(numbers, first_pooled(np.array([3, 5, 9]), POOLED, CHUNK), 3, refuse)
    assert ended == [1]
