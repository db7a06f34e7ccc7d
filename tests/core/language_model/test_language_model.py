"""The language model and the classifier: what they keep, refuse and repeat, and how a cut fit goes on."""

import json
import random
from pathlib import Path

import numpy as np
import pytest
import torch
from fastai.text.models.core import get_language_model
from safetensors.torch import load_file, save_file

from core.classification import classifier
from core.classification.head import read_features, train_head
from core.data.ratings.synthetic import synthetic_world
from core.errors import BadInput, Cancelled, DegenerateResult
from core.language_model.batches import Streams
from core.language_model.fine_tuning import AWD_LSTM, Corpus, fine_tune
from core.language_model.sampled_softmax import Decoder, SampledLoss
from core.language_model.tokenizer import tokenise
from core.language_model.tokens import Tokens, numbers_of
from core.language_model.weights import load_encoder
from core.progress import Report, silent
from core.settings import SMALL_LANGUAGE_MODEL, ClassifierSettings, Phase
from core.training.fit import FitContext

SMALL = SMALL_LANGUAGE_MODEL.replace(
    embedding_size=12, hidden_size=12, epochs=1, max_reviews=150, batch_size=8
)
UNFREEZING = ClassifierSettings(
    batch_size=16, phases=tuple(Phase(unfrozen=layers, epochs=1, rate=1e-2) for layers in (1, 0))
)


@pytest.fixture(scope="module")
def tokens() -> Tokens:
    return tokenise(synthetic_world(films=20).reviews.review, silent, "")


@pytest.fixture(scope="module")
def encoder(tokens: Tokens, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("encoder")
    fine_tune(Corpus(tokens), SMALL, FitContext(1, silent), folder)
    return folder


def unfrozen(
    tokens: Tokens, encoder: Path, report: Report = silent, checkpoint: Path | None = None
) -> tuple[classifier.Weights, list[dict[str, float]]]:
    """Train a classifier by gradual unfreezing: the first label on even rows, the others on odd ones."""
    even = np.arange(len(tokens)) % 2 == 0
    held_out = np.arange(len(tokens)) % 5 == 0
    labels = np.stack([even, ~even, ~even], axis=1)
    reviews = classifier.LabelledTokens(tokens, labels, held_out)
    return classifier.train(reviews, encoder, None, UNFREEZING, FitContext(1, report, checkpoint))


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
    with pytest.raises(BadInput, match="do not belong together"):
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
    checkpoint = tmp_path / "kept" / "fit.safetensors"
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


def test_unfreezing_goes_on_after_a_cut(tokens: Tokens, encoder: Path, tmp_path: Path) -> None:
    whole, losses = unfrozen(tokens, encoder)

    def stopping(stage: str, done: float, message: str, values: object = None) -> None:
        if done > 0.6:
            raise Cancelled("enough")

    checkpoint = tmp_path / "fit.safetensors"
    with pytest.raises(Cancelled):
        unfrozen(tokens, encoder, stopping, checkpoint)
    again, same = unfrozen(tokens, encoder, checkpoint=checkpoint)
    assert all(torch.equal(whole[name], again[name]) for name in whole)
    assert losses == same and len(losses) == 2 and set(losses[0]) == {"train", "valid"}


def test_the_same_seed_repeats_it_whatever_others_draw(tokens: Tokens, encoder: Path, tmp_path: Path) -> None:
    def drawing(*said: object) -> None:
        random.seed()

    fine_tune(Corpus(tokens), SMALL, FitContext(1, drawing), tmp_path)
    first, second = (load_file(folder / "encoder.safetensors") for folder in (encoder, tmp_path))
    assert all(torch.equal(first[name], second[name]) for name in first)
    first, second = unfrozen(tokens, encoder)[0], unfrozen(tokens, encoder, drawing)[0]
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_a_head_learns_what_the_features_say() -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(200, 36)).astype(np.float32)
    labels = features[:, :2] > 0
    settings = ClassifierSettings(head_epochs=10, batch_size=16)
    head = train_head(features, labels, settings, FitContext(0, silent))
    right = (read_features(head, features) > 0) == labels
    assert right.mean() > 0.9


def test_a_head_on_its_encoder_is_the_whole_classifier(tokens: Tokens, encoder: Path) -> None:
    features = np.random.default_rng(0).normal(size=(20, 36)).astype(np.float32)
    head = train_head(features, features[:, :3] > 0, ClassifierSettings(), FitContext(0, silent))
    whole = classifier.whole(encoder, head, 3)
    assert all(torch.equal(whole[f"1.layers.{name}"], head[name]) for name in head)
    assert torch.equal(whole["0.module.encoder.weight"], load_encoder(encoder)[0]["encoder.weight"])


def test_too_little_text_is_refused(tmp_path: Path) -> None:
    little = Tokens(np.array([0, 1] * 3, np.int32), np.array([0, 2, 4, 6]), ["xxbos", "good"])
    with pytest.raises(DegenerateResult, match="too little text"):
        fine_tune(Corpus(little), SMALL, FitContext(1, silent), tmp_path)


def test_words_that_are_not_known_have_number_zero() -> None:
    vocabulary = ["xxunk", "xxpad", "film", "xxfake"]
    assert numbers_of(["film", "zyzzyva", "xxfake"], vocabulary).tolist() == [2, 0, 0]


def test_streams_lie_side_by_side_and_each_word_is_followed_by_its_next() -> None:
    tokens = Tokens(np.arange(9, dtype=np.int32), np.array([0, 4, 9]), list("abcdefghi"))
    batches = list(Streams(tokens, np.arange(9), (2, 3), None, torch.device("cpu")))
    assert [read.tolist() for read, _ in batches] == [[[0, 1, 2], [4, 5, 6]], [[3], [7]]]
    assert all(torch.equal(read + 1, follows) for read, follows in batches)


def decoder() -> Decoder:
    """A decoder of 40 words from vectors of length 6, with weights large enough to tell words apart."""
    torch.manual_seed(0)
    config = {"emb_sz": 6, "n_hid": 6, "n_layers": 1, "output_p": 0.0, "tie_weights": True, "out_bias": True}
    made = get_language_model(AWD_LSTM, 40, config)[1]
    made.__class__ = Decoder
    made.decoder.weight.data.normal_()
    made.decoder.bias.data.normal_()
    return made


def test_the_sampled_loss_over_all_words_is_the_exact_one_with_its_gradient() -> None:
    ours = decoder()
    hidden = torch.randn(30, 6, requires_grad=True)
    target = torch.randint(0, 40, (30,))
    sums = (hidden, ours.decoder.weight, ours.decoder.bias)
    exact = torch.nn.functional.cross_entropy(hidden @ sums[1].T + sums[2], target)
    sampled = SampledLoss(ours.train(), common=10, sampled=30)(hidden, target)
    assert sampled.item() == pytest.approx(exact.item(), rel=1e-5)
    for one, other in zip(torch.autograd.grad(exact, sums), torch.autograd.grad(sampled, sums), strict=True):
        assert torch.allclose(one, other, atol=1e-6)


def test_a_sample_of_the_rare_words_stands_for_all_of_them() -> None:
    ours = decoder()
    hidden, target = torch.randn(30, 6) / 2, torch.randint(0, 40, (30,))
    exact = torch.nn.functional.cross_entropy(
        hidden @ ours.decoder.weight.T + ours.decoder.bias, target
    ).item()
    draws = [SampledLoss(ours.train(), 10, 15)(hidden, target).item() for _ in range(300)]
    # The logarithm of a sum that is right on average is a little too low on average.
    assert abs(float(np.mean(draws)) - exact) < 0.1 and np.std(draws) > 0
