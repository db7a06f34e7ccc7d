"""A sampled softmax: the loss of a language model over the common words exactly, over the rare ones by a sample.

A softmax over all words takes most of the time of a small model. Here its sum runs over the common words and a
sample of the rare ones, each weighted by how many it stands for, so that the sum is unbiased. Loss and gradient are
computed together, a few rows at a time that stay in the processor's cache.
"""

from typing import Any

import numpy as np
import torch
from fastai.text.models.core import LinearDecoder
from torch.nn.functional import cross_entropy

BLOCK = 1 << 20
"""Numbers in a block of logits on a CPU (4 MiB): smaller blocks multiply slower, larger ones leave its cache."""


class Decoder(LinearDecoder):  # type: ignore[misc]
    """fastai's decoder, which in training passes the hidden state on and leaves the logits to the loss."""

    def forward(self, output: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        if not self.training:
            decoded: tuple[torch.Tensor, torch.Tensor, torch.Tensor] = super().forward(output)
            return decoded
        dropped = self.output_dp(output)
        return dropped, output, dropped


class SampledLoss:
    """Cross entropy of the next word (nats per word), over all words when the decoder is not in training.

    `common` words, those with the lowest numbers, are summed exactly; `sampled` of the others are drawn each step.
    """

    def __init__(self, decoder: Decoder, common: int, sampled: int) -> None:
        self.decoder, self.common, self.sampled = decoder, common, sampled

    def __call__(self, output: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        target = target.reshape(-1)
        if not self.decoder.training:
            return cross_entropy(output.reshape(len(target), -1), target)
        weight, bias = self.decoder.decoder.weight, self.decoder.decoder.bias
        rare = max(0, len(weight) - self.common)
        sampled = min(self.sampled, rare)
        common_words = torch.arange(self.common, device=weight.device)
        rare_words = torch.randperm(rare, device=weight.device)[:sampled] + self.common
        log_weight = bias.new_zeros(self.common + sampled)
        # The exp(logit) of a sampled word counts once for each rare word that it stands for.
        log_weight[self.common :] = float(np.log(max(1, rare) / max(1, sampled)))
        hidden = output.reshape(len(target), -1)
        loss: torch.Tensor = _Loss.apply(
            hidden,
            weight,
            bias,
            target,
            torch.cat([common_words, rare_words]),
            log_weight,
            _precision(weight.device.type),
        )
        return loss


def _precision(device: str) -> torch.dtype:
    """Return the type in which the surrounding code multiplies matrices: autocast's, or float32."""
    return torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else torch.float32


class _Loss(torch.autograd.Function):
    """Mean cross entropy over some of the words, and over the target whether or not it is among them.

    `forward` takes seven tensors and settings one by one, since autograd gives gradients only for arguments that are
    tensors themselves.
    """

    @staticmethod
    def forward(
        ctx: Any,
        hidden: torch.Tensor,
        weight: torch.Tensor,
        bias: torch.Tensor,
        target: torch.Tensor,
        words: torch.Tensor,
        log_weight: torch.Tensor,
        precision: torch.dtype,
    ) -> torch.Tensor:
        rows, width = hidden.shape
        word_weights = weight[words].to(precision)
        transposed = word_weights.t().contiguous()
        shift = (bias[words] + log_weight).float()
        inputs = hidden.to(precision)
        target_weights = weight[target].to(precision)
        target_logit = (inputs.float() * target_weights.float()).sum(1) + bias[target]
        place_of_word = torch.full((len(weight),), -1, device=weight.device)
        place_of_word[words] = torch.arange(len(words), device=weight.device)
        target_place = place_of_word[target]

        loss, excess = torch.empty_like(target_logit), torch.empty_like(target_logit)
        to_hidden = torch.empty_like(inputs)
        to_words = torch.zeros(len(words), width, device=weight.device)
        to_shift = torch.zeros_like(shift)
        block = max(1, BLOCK // len(words)) if weight.device.type == "cpu" else rows
        for start in range(0, rows, block):
            part = slice(start, start + block)
            logits = (inputs[part] @ transposed).float().add_(shift)
            # The target is added by itself, so it is left out here where it is among the words.
            place = target_place[part, None].clamp(min=0)
            among_words = target_place[part, None] >= 0
            logits.scatter_(1, place, logits.gather(1, place).masked_fill_(among_words, -torch.inf))
            top = torch.maximum(logits.amax(1), target_logit[part])
            shares = logits.sub_(top[:, None]).exp_()
            target_share = (target_logit[part] - top).exp()
            total = shares.sum(1) + target_share
            loss[part] = total.log() + top - target_logit[part]
            excess[part] = target_share / total - 1
            shares.div_(total[:, None])
            to_shift += shares.sum(0)
            shares = shares.to(precision)
            to_hidden[part] = shares @ word_weights
            to_words += (shares.t() @ inputs[part]).float()
        to_hidden += excess[:, None].to(precision) * target_weights
        to_weight = torch.zeros_like(weight).index_add_(0, words, to_words.to(weight.dtype))
        to_weight.index_add_(0, target, (excess[:, None] * inputs.float()).to(weight.dtype))
        to_bias = torch.zeros_like(bias).index_add_(0, words, to_shift).index_add_(0, target, excess)
        # In full precision: times the loss scale of mixed precision on CUDA, they would overflow in half.
        ctx.save_for_backward(to_hidden.float() / rows, to_weight / rows, to_bias / rows)
        return loss.mean()

    @staticmethod
    def backward(ctx: Any, *outer: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        to_hidden, to_weight, to_bias = ctx.saved_tensors
        return outer[0] * to_hidden, outer[0] * to_weight, outer[0] * to_bias, None, None, None, None
