"""The sampled loss: exact where all words are in the sample, right on average where not."""

import numpy as np
import pytest
import torch
from fastai.text.all import AWD_LSTM
from fastai.text.models.core import get_language_model

from core.language_model.sampled_softmax import Decoder, SampledLoss


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
