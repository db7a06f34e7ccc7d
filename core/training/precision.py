"""Mixed precision, where the device is made for it."""

import contextlib

import torch
from fastai.callback.core import Callback
from fastai.learner import Learner


class BFloat16(Callback):  # type: ignore[misc]
    """Multiplies matrices in bfloat16 while it trains; weights and losses stay in float32."""

    run_valid = False

    def __init__(self) -> None:
        self.autocast = contextlib.ExitStack()

    def before_batch(self) -> None:
        self.autocast.enter_context(torch.autocast("cpu", torch.bfloat16))

    def after_loss(self) -> None:
        self.autocast.close()


def lower_precision(learn: Learner) -> Learner:
    """Let the learner train in mixed precision on CUDA, or on a CPU that computes in bfloat16."""
    device = learn.dls.device.type
    if device == "cuda":
        # bfloat16 needs no scaler of the loss; GPUs from before it have half precision alone.
        if torch.cuda.is_bf16_supported(including_emulation=False):
            learn.to_bf16()
        else:
            learn.to_fp16()
    elif device == "cpu" and (
        torch.cpu.get_capabilities().get("amx_bf16") or torch.cpu.get_capabilities().get("avx512_bf16")
    ):
        learn.add_cb(BFloat16())
    return learn


def leave_lower_precision(learn: Learner) -> None:
    """End the lower precision of a batch that failed midway, so that what follows does not compute in it."""
    for callback in learn.cbs.filter(lambda cb: isinstance(cb, BFloat16)):
        callback.autocast.close()
