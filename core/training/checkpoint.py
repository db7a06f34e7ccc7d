"""The state of a long fit in one file, after each epoch: weights, the optimiser's state, and the losses so far."""

import json
from pathlib import Path
from typing import Any

import torch
from fastai.learner import Learner
from fastai.torch_core import get_model
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from core.store import beside

MODEL = "model."
"""Prefix of the names of the model's weights."""
STATE = ("exp_avg", "exp_avg_sq", "step")
"""What torch's AdamW holds for each weight; in its fused form all of it is where the weight is."""

Tensors = dict[str, torch.Tensor]


def save_checkpoint(path: Path, learn: Learner, progress: dict[str, Any]) -> None:
    """Write the state of the fit; `progress` is plain data. The file is replaced as a whole or not at all."""
    # In several processes the model is wrapped while it trains.
    tensors = {f"{MODEL}{name}": tensor for name, tensor in get_model(learn.model).state_dict().items()}
    optimiser_state = learn.opt.opt.state
    for number, weight in enumerate(learn.model.parameters()):
        tensors |= {
            f"{number}.{key}": optimiser_state[weight][key] for key in STATE if weight in optimiser_state
        }
    plain = {name: tensor.detach().cpu().clone().contiguous() for name, tensor in tensors.items()}
    temporary = path.with_name(f"{beside(path.name)}part")
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary.write_bytes(save(plain, metadata={"done": json.dumps(progress)}))
    temporary.replace(path)


def load_checkpoint(path: Path, learn: Learner) -> tuple[dict[str, Any], Tensors] | None:
    """Put the weights of a checkpoint into the model; return its progress, and the state for `load_optimiser`.

    None where there is no checkpoint, or none that fits the model.
    """
    try:
        with safe_open(path, framework="pt") as file:
            progress: dict[str, Any] = json.loads(file.metadata()["done"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no dictionary
        model = {name.removeprefix(MODEL): tensors[name] for name in tensors if name.startswith(MODEL)}
        learn.model.load_state_dict(model)
    except (OSError, SafetensorError, RuntimeError, ValueError, KeyError, TypeError):
        return None
    return progress, {name: tensor for name, tensor in tensors.items() if not name.startswith(MODEL)}


def load_optimiser(optimiser_state: Tensors, learn: Learner) -> None:
    """Put a state from `load_checkpoint` into the optimiser, on the device of the model.

    The same layer groups must be frozen as when saved.
    """
    for number, weight in enumerate(learn.model.parameters()):
        if f"{number}.step" in optimiser_state:
            learn.opt.opt.state[weight] = {
                key: optimiser_state[f"{number}.{key}"].to(weight.device) for key in STATE
            }
