"""Features of labelled reviews -> the classifier's head alone, on an encoder that stays as it is.

Takes what the frozen encoder computed for each review, once; gives the head's weights, or its logits. Heads for
several folds are trained side by side, which takes little longer than one.
"""

from functools import partial
from typing import Any

import numpy as np
import torch
from fastai.callback.schedule import Learner  # with fit_one_cycle
from fastai.data.core import DataLoaders
from fastai.optimizer import Adam
from fastai.text.all import AWD_LSTM
from fastai.text.models.awdlstm import awd_lstm_clas_config
from fastai.text.models.core import get_text_classifier
from torch import nn

from core.errors import DegenerateResult
from core.language_model.weights import Weights
from core.progress import against
from core.settings import ClassifierSettings
from core.training.device import device_for
from core.training.device_rule import Work
from core.training.fit import FitContext, quiet, seeded
from core.training.reporting import Curves, reporting
from core.training.side_by_side import BatchesSideBySide, Linear, SideBySide

STAGE = "classifier"
LEAST_STEPS = 16
"""Least steps an epoch of a head: with few reviews, batches are small."""
LAST_LAYER = "1.2"
"""The last layer of a head, by fastai's names."""
LINES = ("trained on", "kept out")
"""The curves: mean binary cross-entropy on the reviews trained on and on those held out."""
ADAM_EPS = 1e-5
"""fastai's own: what Adam adds to the spread that it divides by."""


def train_head(
    features: np.ndarray, labels: np.ndarray, settings: ClassifierSettings, context: FitContext
) -> Weights:
    """Return the weights of a head that is trained on all of the reviews; see `train_heads`."""
    return train_heads(features, labels, np.ones((1, len(features)), dtype=bool), settings, context)[0]


def train_heads(
    features: np.ndarray,
    labels: np.ndarray,
    trains: np.ndarray,
    settings: ClassifierSettings,
    context: FitContext,
) -> list[Weights]:
    """Return the weights of one head for each row of `trains` (heads x reviews), which says what it is trained on.

    `features` are those of `Encoder.features`, `labels` reviews x labels. The head is that of fastai's classifier
    with a bias, which starts from each label's frequency: on some hundred reviews a head without one would hardly
    learn that. Heads share nothing but their first weights and the number of steps: with fewer reviews than the
    largest part, some are seen once more in an epoch. Raises DegenerateResult on a loss that is not a number. No
    checkpoint is written: it takes seconds.
    """
    fewest, most = int(trains.sum(1).min()), int(trains.sum(1).max())
    if fewest < 2:
        raise DegenerateResult(
            f"{fewest} review is too little to learn from where the rest is held out; add reviews or films"
        )
    device = device_for(head_work(len(features)))
    with seeded(context.seed, device):
        inputs = torch.as_tensor(features, dtype=torch.float32, device=device)
        targets = torch.as_tensor(labels, dtype=torch.bool, device=device)
        size = min(settings.batch_size, max(2, most // LEAST_STEPS))
        # A batch of a single review has no variance for the normalisation, so a last one of that size is dropped.
        steps = most - (most % size == 1)
        rows = [torch.as_tensor(np.flatnonzero(train)[:steps], device=device) for train in trains]
        data = DataLoaders(
            BatchesSideBySide((inputs, targets), rows, size, context.seed),
            BatchesSideBySide((inputs, targets), [part[:1] for part in rows], 1, None),
            device=device,
        )
        head = _make_head(features.shape[1] // 3, labels.shape[1], settings.drop_mult, bias=True)
        heads = SideBySide(head, len(trains))
        _start_from_frequencies(heads, [targets[part].float() for part in rows])
        # The loss is the mean over all heads, so that of one counts for less, which only `eps` would notice.
        adam = partial(Adam, eps=ADAM_EPS / len(trains))
        learn = quiet(Learner(data, heads, loss_func=nn.BCEWithLogitsLoss(), opt_func=adam))
        report = against(context.report, {"label frequencies, trained on": frequency_loss(labels, labels)})
        # The validation part is a stand-in that fastai demands, so its line is not drawn.
        with reporting(learn, report, Curves(STAGE, LINES[:1])):
            learn.fit_one_cycle(settings.head_epochs, settings.head_rate, wd=settings.head_decay)
    weights = heads.cpu().each()
    for of_head in weights:
        check_finite(of_head)
    return weights


def head_work(reviews: int) -> Work:
    """Return how much work it is to train heads on the features of so many reviews."""
    return Work("classifier's head", "head", reviews, "reviews")


def read_features(weights: Weights, features: np.ndarray) -> np.ndarray:
    """Return the logits (reviews x labels) of a trained head for features of reviews."""
    head = load_head(weights, features.shape[1] // 3)
    with torch.inference_mode():
        logits: np.ndarray = head.eval()(torch.as_tensor(features, dtype=torch.float32)).numpy()
    return logits


def load_head(weights: Weights, width: int, drop_mult: float = 1.0) -> nn.Sequential:
    """Return a head with these weights for an encoder of this width, with a bias if the weights have one."""
    outputs = len(weights[f"{LAST_LAYER}.weight"])
    head = _make_head(width, outputs, drop_mult, bias=f"{LAST_LAYER}.bias" in weights)
    head.load_state_dict(weights)
    return head


def frequency_loss(train_labels: np.ndarray, test_labels: np.ndarray) -> float:
    """Return the mean binary cross-entropy of predicting each label's frequency in the training part.

    >>> round(frequency_loss(np.array([[1], [0]]), np.array([[1]])), 3) == round(float(np.log(2)), 3)
    True
    """
    # No label is impossible, nor certain: its frequency stays half a review off 0 and 1.
    rates = np.clip(train_labels.mean(0), 0.5 / len(train_labels), 1 - 0.5 / len(train_labels))
    return float(-np.where(test_labels, np.log(rates), np.log(1 - rates)).mean())


def check_finite(weights: Weights) -> None:
    """Raise DegenerateResult where a weight is not a number."""
    if not all(bool(tensor.isfinite().all()) for tensor in weights.values()):
        raise DegenerateResult("a weight of the classifier became not a number; choose a lower learning rate")


def _start_from_frequencies(heads: SideBySide, targets: list[torch.Tensor]) -> None:
    """Set the bias of each head to the log-odds of its labels."""
    last = heads.layers[-1]
    assert isinstance(last, Linear) and last.bias is not None
    odds = [torch.logit(part.mean(0), eps=1 / (2 + len(part))) for part in targets]
    last.bias.data = torch.stack(odds).cpu()


def _make_head(width: int, outputs: int, drop_mult: float, bias: bool) -> nn.Sequential:
    """Return a new head of fastai's classifier for an encoder of this width, without the encoder."""
    config = awd_lstm_clas_config | {"emb_sz": width, "n_hid": 1, "n_layers": 1}
    model = get_text_classifier(AWD_LSTM, 2, outputs, config=config, drop_mult=drop_mult)
    head: nn.Sequential = model[1].layers
    if bias:
        last: Any = head[-1]
        last[-1] = nn.Linear(last[-1].in_features, outputs)
    return head
