"""Reviews -> fine-tuned encoder and vocabulary (article, step 1).

Takes tokens of reviews, gives an encoder (AWD_LSTM weights) and the words it knows, kept together in
one folder. What the encoder is used for is left to the classifier. In reading order:

    streams  running text as batches
    softmax  the loss over a part of the words, for processors
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import torch
from fastai.data.core import DataLoaders
from fastai.losses import CrossEntropyLossFlat
from fastai.metrics import Perplexity, accuracy
from fastai.text.all import AWD_LSTM
from fastai.text.data import make_vocab
from fastai.text.learner import LMLearner
from fastai.text.models.awdlstm import awd_lstm_lm_config, awd_lstm_lm_split
from fastai.text.models.core import SequentialRNN, get_language_model
from safetensors.torch import load_file, save

from core.errors import BadInput, BadSettings, DegenerateResult
from core.language_model.batches import Streams
from core.language_model.pretrained import load_pretrained, match_words
from core.language_model.sampled_softmax import Decoder, SampledLoss
from core.language_model.tokens import Tokens, numbers_of
from core.progress import Report, against
from core.settings import LanguageModelSettings
from core.store import read_json
from core.training.fit import ADAM, Step, device_name, fit_in_steps, lower_precision, quiet, seeded

STAGE = "language model"
VALID_SHARE = 0.1
"""Share of the reviews that measures the perplexity (article: 0.1)."""
LOGITS_AT_ONCE = 1 << 26
"""Numbers of a batch of logits over all words, where the perplexity is measured (256 MiB)."""
SHAPE = ("emb_sz", "n_hid", "n_layers")
"""The sizes that decide whether weights fit an AWD_LSTM, by fastai's names."""
TWICE = "encoder_dp.emb.weight"
"""Second name of an AWD_LSTM's `encoder.weight`."""


def fine_tune(
    tokens: Tokens,
    settings: LanguageModelSettings,
    seed: int,
    report: Report,
    folder: Path,
    start: Path | None = None,
    held_out: np.ndarray | None = None,
    checkpoint: Path | None = None,
) -> None:
    """Train a language model on reviews; write encoder.safetensors, vocab.json and info.json into a folder.

    `info.json` holds reviews, tokens (both trained on), vocabulary, accuracy and perplexity (on the reviews that
    are `held_out`, else on a tenth drawn at random), perplexity_unigram (by word counts alone), losses, start and
    the shape. `start` is where the settings' weights to start from lie: an archive of WikiText-103, or the folder
    of an encoder. `checkpoint` is the file that keeps where a fit stands. Raises DegenerateResult where there is
    too little text.
    """
    if not settings.epochs and not settings.frozen_epochs:
        raise BadSettings("the language model has no epochs to train; choose at least 1")
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(tokens))
    if held_out is None:
        order = order[: settings.max_reviews]
        share = max(1, round(VALID_SHARE * len(order)))
        trained, kept_out = tokens.take(order[share:]), tokens.take(order[:share])
    else:
        trained, kept_out = (
            tokens.take(order[part[order]][: settings.max_reviews]) for part in (~held_out, held_out)
        )
    counts = np.bincount(trained.numbers, minlength=len(trained.words))
    vocabulary: list[str] = make_vocab(
        Counter({word: int(count) for word, count in zip(trained.words, counts, strict=True) if count}),
        settings.min_frequency,
        settings.vocabulary,
    )
    numbers = numbers_of(trained.words, vocabulary)
    # A batch needs at least one step of text in each stream, so little text gets fewer streams.
    words = min(len(trained.numbers), 10 * len(kept_out.numbers))
    streams = max(1, min(settings.batch_size, words // (20 * settings.sequence_length)))
    if words < 2 * settings.sequence_length:
        raise DegenerateResult(
            f"{len(tokens)} reviews with {words} words are too little text to learn from; add reviews"
        )
    most = LOGITS_AT_ONCE // (settings.sequence_length * len(vocabulary))

    with seeded(seed):
        device, steps = torch.device(device_name()), settings.sequence_length
        data = DataLoaders(
            Streams(trained, numbers, streams, steps, seed, device),
            Streams(
                kept_out,
                numbers,
                max(1, min(streams, most, len(kept_out.numbers) // (2 * steps))),
                steps,
                None,
                device,
            ),
        )
        learn = learner(data, len(vocabulary), settings)
        if settings.start == "bundled" and start is not None:
            _start_from(start, learn.model, vocabulary)
        elif start is not None:
            load_pretrained(learn.model, vocabulary, start)
        fit = [Step(1, settings.frozen_epochs, settings.frozen_rate), Step(0, settings.epochs, settings.rate)]
        # Of a sample of the words the loss is lower than of all, which those kept out are measured by.
        lines = ("trained on" if settings.sampled_words is None else "trained on, sampled words", "kept out")
        unigram = _unigram_perplexity(counts, numbers, kept_out, len(vocabulary))
        beside = against(report, {"word counts": float(np.log(unigram))})
        names = ("train", "valid", "accuracy")
        losses = fit_in_steps(learn, fit, names, seed, beside, STAGE, checkpoint, lines)

    kept = learn.model[0].state_dict() | {"decoder.bias": learn.model[1].decoder.bias}
    # The words' vectors have two names; they are kept once.
    del kept[TWICE]
    save_weights(kept, folder / "encoder.safetensors", torch.float16)
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
    info = {
        "reviews": len(trained),
        "tokens": len(trained.numbers),
        "reviews_held_out": len(kept_out),
        "tokens_held_out": len(kept_out.numbers),
        "vocabulary": len(vocabulary),
        "start": settings.start,
        "perplexity": float(np.exp(min(losses[-1]["valid"], 50))),
        "perplexity_unigram": unigram,
        "accuracy": losses[-1]["accuracy"],
        "losses": losses,
        **shape(settings),
    }
    (folder / "info.json").write_text(json.dumps(info, indent=2), encoding="utf-8")


def learner(data: DataLoaders, words: int, settings: LanguageModelSettings) -> LMLearner:
    """Make what fastai's language_model_learner makes, with our optimiser, precision and, where asked for, loss."""
    model = get_language_model(
        AWD_LSTM, words, awd_lstm_lm_config | shape(settings), drop_mult=settings.drop_mult
    )
    how: dict[str, Any] = {
        "splitter": awd_lstm_lm_split,
        "metrics": [accuracy, Perplexity()],
        "opt_func": ADAM,
    }
    if settings.sampled_words is None:
        return lower_precision(quiet(LMLearner(data, model, loss_func=CrossEntropyLossFlat(), **how)))
    model[1].__class__ = Decoder
    loss = SampledLoss(model[1], min(settings.sampled_words, words), settings.sampled_words)
    return lower_precision(quiet(LMLearner(data, model, loss_func=loss, **how)))


def _start_from(encoder: Path, model: SequentialRNN, vocabulary: list[str]) -> None:
    """Put the weights of an encoder into a language model, word by word by its vocabulary."""
    weights, words, info = load_encoder(encoder)
    mine = model[0].state_dict()
    if any(mine[name].shape[1:] != tensor.shape[1:] for name, tensor in weights.items() if name in mine):
        sizes = ", ".join(f"{name} {info[name]}" for name in SHAPE)
        raise BadInput(
            f"the encoder to start from has other sizes ({sizes}); choose these, or start from nothing"
        )
    bias = weights.pop("decoder.bias")
    whole = {f"0.{name}": tensor for name, tensor in weights.items()} | {
        "1.decoder.weight": weights["encoder.weight"],
        "1.decoder.bias": bias,
    }
    model.load_state_dict(match_words(whole, words, vocabulary))


def shape(settings: LanguageModelSettings) -> dict[str, int]:
    """Return the sizes that decide whether weights fit an AWD_LSTM, by fastai's names."""
    return dict(zip(SHAPE, (settings.embedding_size, settings.hidden_size, settings.layers), strict=True))


def save_weights(state: dict[str, Any], path: Path, kind: torch.dtype = torch.float32) -> None:
    """Write weights as safetensors; each tensor by itself, since AWD_LSTM names some twice."""
    plain = {name: tensor.detach().cpu().to(kind).clone().contiguous() for name, tensor in state.items()}
    # Written by Python, which names a full disk as such.
    path.write_bytes(save(plain))


def load_encoder(folder: Path) -> tuple[dict[str, Any], list[str], dict[str, Any]]:
    """Return weights (float32), vocabulary and info of an encoder's folder, as `fine_tune` wrote it.

    Raises BadInput where the weights are of another vocabulary.
    """
    weights = {name: tensor.float() for name, tensor in load_file(folder / "encoder.safetensors").items()}
    weights[TWICE] = weights["encoder.weight"]
    vocabulary, info = read_json(folder / "vocab.json"), read_json(folder / "info.json")
    if len(weights["encoder.weight"]) != len(vocabulary) or info["vocabulary"] != len(vocabulary):
        raise BadInput(
            f"the encoder in {folder.name} knows {len(weights['encoder.weight'])} words and its list names "
            f"{len(vocabulary)}; they do not belong together, so train the encoder again"
        )
    return weights, vocabulary, info


def _unigram_perplexity(counts: np.ndarray, numbers: np.ndarray, kept_out: Tokens, size: int) -> float:
    """Return the perplexity of guessing each word by its frequency alone: the baseline."""
    known = np.bincount(numbers, weights=counts, minlength=size) + 1.0
    return float(np.exp(-np.log(known / known.sum())[numbers[kept_out.numbers]].mean()))
