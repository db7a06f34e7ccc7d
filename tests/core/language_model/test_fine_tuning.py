"""The language model: what it writes, refuses and repeats, and how an interrupted fit goes on."""

import json
import random
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from support.small_encoder import SMALL

from core.errors import BadInput, Cancelled, DegenerateResult
from core.language_model.fine_tuning import Corpus, fine_tune
from core.language_model.tokens import Tokens
from core.language_model.weights import load_encoder
from core.progress import silent
from core.training.fit import FitContext


def test_the_encoder_is_kept_with_its_words(encoder: Path) -> None:
    weights, vocabulary, info = load_encoder(encoder)
    assert info["vocabulary"] == len(vocabulary) == weights["encoder.weight"].shape[0]
    assert vocabulary[0] == "xxunk" and "film" in vocabulary
    assert 1 < info["perplexity"] < len(vocabulary) and info["perplexity_unigram"] < len(vocabulary)
    assert {path.suffix for path in encoder.iterdir()} == {".safetensors", ".json"}


def test_an_encoder_with_the_words_of_another_is_refused(encoder: Path, tmp_path: Path) -> None:
    save_file(load_file(encoder / "encoder.safetensors"), tmp_path / "encoder.safetensors")
    (tmp_path / "info.json").write_text((encoder / "info.json").read_text())
    (tmp_path / "vocab.json").write_text(json.dumps(["xxunk", "film"]))
    with pytest.raises(BadInput, match="do not match"):
        load_encoder(tmp_path)


def test_training_goes_on_from_an_encoder(tokens: Tokens, encoder: Path, tmp_path: Path) -> None:
    more = SMALL.replace(start="bundled", rate=1e-6)
    fine_tune(Corpus(tokens), more, FitContext(1, silent), tmp_path, encoder)
    before, after = (json.loads((f / "info.json").read_text())["perplexity"] for f in (encoder, tmp_path))
    # Hardly trained further; half precision rounds a little.
    assert after == pytest.approx(before, rel=0.02)


def test_an_encoder_of_another_size_is_no_start(tokens: Tokens, encoder: Path, tmp_path: Path) -> None:
    wider = SMALL.replace(start="bundled", hidden_size=16)
    with pytest.raises(BadInput, match="has other sizes"):
        fine_tune(Corpus(tokens), wider, FitContext(1, silent), tmp_path, encoder)


def test_the_reviews_held_out_are_those_that_were_named(tokens: Tokens, tmp_path: Path) -> None:
    held_out = np.arange(len(tokens)) % 4 == 0
    fine_tune(Corpus(tokens, held_out), SMALL.replace(max_reviews=None), FitContext(1, silent), tmp_path)
    info = json.loads((tmp_path / "info.json").read_text())
    assert info["reviews_held_out"] == held_out.sum() and info["reviews"] == (~held_out).sum()


@pytest.mark.parametrize("stop_at", [1, 3])
def test_a_fit_that_was_cut_ends_as_one_that_was_not(
    tokens: Tokens, encoder: Path, tmp_path: Path, stop_at: int
) -> None:
    longer = SMALL.replace(epochs=4)
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    checkpoint = tmp_path / "checkpoints" / "fit.safetensors"
    whole.mkdir()
    cut.mkdir()
    fine_tune(Corpus(tokens), longer, FitContext(1, silent), whole)

    def stopping(stage: str, done: float, message: str, values: object = None) -> None:
        if f"epoch {stop_at + 1} of" in message:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        fine_tune(Corpus(tokens), longer, FitContext(1, stopping, checkpoint), cut)
    assert checkpoint.exists()
    epochs = []
    recording = FitContext(1, lambda *reported: epochs.append(reported[2]), checkpoint)
    fine_tune(Corpus(tokens), longer, recording, cut)
    assert not any(message.startswith("epoch 1 of") for message in epochs)
    first, second = (load_file(folder / "encoder.safetensors") for folder in (whole, cut))
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert len(json.loads((cut / "info.json").read_text())["losses"]) == 4


def test_a_checkpoint_that_cannot_be_read_begins_anew(tokens: Tokens, tmp_path: Path) -> None:
    checkpoint = tmp_path / "fit.safetensors"
    checkpoint.write_bytes(b"half a file")
    fine_tune(Corpus(tokens), SMALL, FitContext(1, silent, checkpoint), tmp_path)
    assert (tmp_path / "info.json").exists()


def test_the_same_seed_repeats_it_whatever_others_draw(tokens: Tokens, encoder: Path, tmp_path: Path) -> None:
    def drawing(*reported: object) -> None:
        random.seed()

    fine_tune(Corpus(tokens), SMALL, FitContext(1, drawing), tmp_path)
    first, second = (load_file(folder / "encoder.safetensors") for folder in (encoder, tmp_path))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_it_trains_without_dropout(tokens: Tokens, tmp_path: Path) -> None:
    fine_tune(Corpus(tokens), SMALL.replace(drop_mult=0), FitContext(1, silent), tmp_path)
    assert json.loads((tmp_path / "info.json").read_text())["losses"]


def test_too_little_text_is_refused(tmp_path: Path) -> None:
    little = Tokens(np.array([0, 1] * 3, np.int32), np.array([0, 2, 4, 6]), ["xxbos", "good"])
    with pytest.raises(DegenerateResult, match="too little text"):
        fine_tune(Corpus(little), SMALL, FitContext(1, silent), tmp_path)
