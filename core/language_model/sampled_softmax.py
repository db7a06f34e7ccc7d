"""The loss of a language model over a part of its words: the common ones exactly, the rare ones by a sample.

A softmax over all words takes most of the time of a small model. Here its sum runs over the common words and a
sample of the others, of which each stands for several, so that the sum is right on average whatever is drawn.
Loss and gradient are computed together, a few rows at a time that stay in the processor's cache.
"""

from typing import Any

import numpy as np
import torch
from fastai.text.models.core import LinearDecoder
from torch.nn.functional import cross_entropy

BLOCK = 1 << 20
"""Numbers of a block of logits on a processor (4 MiB): with fewer rows at once its matrices multiply slower, with
more they leave its cache."""


class Decoder(LinearDecoder):  # type: ignore[misc]
    """fastai's decoder, which while it trains leaves the words to the loss."""

    def forward(self, output: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        if not self.training:
            whole: tuple[torch.Tensor, torch.Tensor, torch.Tensor] = super().forward(output)
            return whole
        dropped = self.output_dp(output)
        return dropped, output, dropped


class SampledLoss:
    """Cross entropy of the next word (nats a word); over all words where the decoder does not train."""

    def __init__(self, decoder: Decoder, common: int, sampled: int) -> None:
        self.decoder, self.common, self.sampled = decoder, common, sampled

    def __call__(self, output: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        target = target.reshape(-1)
        if not self.decoder.training:
            return cross_entropy(output.reshape(len(target), -1), target)
        weight, bias = self.decoder.decoder.weight, self.decoder.decoder.bias
        rare = max(0, len(weight) - self.common)
        drawn = min(self.sampled, rare)
        words = torch.arange(self.common, device=weight.device)
        rest = torch.randperm(rare, device=weight.device)[:drawn] + self.common
        stands_for = bias.new_zeros(self.common + drawn)
        # A drawn word's exp(logit) counts as often as there are rare words for each drawn one.
        stands_for[self.common :] = float(np.log(max(1, rare) / max(1, drawn)))
        hidden = output.reshape(len(target), -1)
        loss: torch.Tensor = _Loss.apply(
            hidden, weight, bias, target, torch.cat([words, rest]), stands_for, _precision(weight.device.type)
        )
        return loss


def _precision(device: str) -> torch.dtype:
    """Return the type in which the surrounding code multiplies matrices."""
    return torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else torch.float32


class _Loss(torch.autograd.Function):
    """Mean cross entropy over some of the words, and over the target whether it is among them or not."""

    @staticmethod
    def forward(
        ctx: Any,
        hidden: torch.Tensor,
        weight: torch.Tensor,
        bias: torch.Tensor,
        target: torch.Tensor,
        words: torch.Tensor,
        stands_for: torch.Tensor,
        precision: torch.dtype,
    ) -> torch.Tensor:
        rows, width = hidden.shape
        among = weight[words].to(precision)
        turned = among.t().contiguous()
        shift = (bias[words] + stands_for).float()
        inputs = hidden.to(precision)
        own = weight[target].to(precision)
        own_logit = (inputs.float() * own.float()).sum(1) + bias[target]
        place = torch.full((len(weight),), -1, device=weight.device)
        place[words] = torch.arange(len(words), device=weight.device)
        own_place = place[target]

        loss, excess = torch.empty_like(own_logit), torch.empty_like(own_logit)
        to_hidden = torch.empty_like(inputs)
        to_among = torch.zeros(len(words), width, device=weight.device)
        to_shift = torch.zeros_like(shift)
        block = max(1, BLOCK // len(words)) if weight.device.type == "cpu" else rows
        for start in range(0, rows, block):
            part = slice(start, start + block)
            logits = (inputs[part] @ turned).float().add_(shift)
            # The target is counted by itself, once.
            twice = (own_place[part] >= 0).nonzero()[:, 0]
            logits[twice, own_place[part][twice]] = -torch.inf
            top = torch.maximum(logits.amax(1), own_logit[part])
            shares = logits.sub_(top[:, None]).exp_()
            own_share = (own_logit[part] - top).exp()
            whole = shares.sum(1) + own_share
            loss[part] = whole.log() + top - own_logit[part]
            excess[part] = own_share / whole - 1
            shares.div_(whole[:, None])
            to_shift += shares.sum(0)
            shares = shares.to(precision)
            to_hidden[part] = shares @ among
            to_among += (shares.t() @ inputs[part]).float()
        to_hidden += excess[:, None].to(precision) * own
        to_weight = torch.zeros_like(weight).index_add_(0, words, to_among.to(weight.dtype))
        to_weight.index_add_(0, target, (excess[:, None] * inputs.float()).to(weight.dtype))
        to_bias = torch.zeros_like(bias).index_add_(0, words, to_shift).index_add_(0, target, excess)
        # In full precision, since half would not hold them times the scale of a loss on CUDA.
        ctx.save_for_backward(to_hidden.float() / rows, to_weight / rows, to_bias / rows)
        return loss.mean()

    @staticmethod
    def backward(ctx: Any, *outer: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        to_hidden, to_weight, to_bias = ctx.saved_tensors
        return outer[0] * to_hidden, outer[0] * to_weight, outer[0] * to_bias, None, None, None, None
