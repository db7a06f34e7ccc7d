"""Where a long fit stands, in one file: weights, the optimiser's state and the losses so far, after each epoch."""

import json
import os
from pathlib import Path
from typing import Any

import torch
from fastai.learner import Learner
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

MODEL = "model."
"""What names of the model's weights begin with."""
STATE = ("exp_avg", "exp_avg_sq", "step")
"""What torch's AdamW keeps for each weight."""

Tensors = dict[str, torch.Tensor]


def save_checkpoint(path: Path, learn: Learner, done: dict[str, Any]) -> None:
    """Write where the fit stands; `done` is plain data. The file is either the old one or the new one, whole."""
    tensors = {f"{MODEL}{name}": tensor for name, tensor in learn.model.state_dict().items()}
    kept = learn.opt.opt.state
    for number, weight in enumerate(learn.model.parameters()):
        tensors |= {f"{number}.{key}": kept[weight][key] for key in STATE if weight in kept}
    plain = {name: tensor.detach().cpu().clone().contiguous() for name, tensor in tensors.items()}
    temporary = path.with_name(f".{os.getpid()}-{path.name}")
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary.write_bytes(save(plain, metadata={"done": json.dumps(done)}))
    temporary.replace(path)


def load_checkpoint(path: Path, learn: Learner) -> tuple[dict[str, Any], Tensors] | None:
    """Put the weights of a checkpoint into the model; give what was done, and the optimiser's state for
    `load_optimiser`. None where there is no checkpoint that fits."""
    try:
        with safe_open(path, framework="pt") as file:
            done: dict[str, Any] = json.loads(file.metadata()["done"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no dictionary
        model = {name.removeprefix(MODEL): tensors[name] for name in tensors if name.startswith(MODEL)}
        learn.model.load_state_dict(model)
    except (OSError, SafetensorError, RuntimeError, ValueError, KeyError, TypeError):
        return None
    return done, {name: tensor for name, tensor in tensors.items() if not name.startswith(MODEL)}


def load_optimiser(kept: Tensors, learn: Learner) -> None:
    """Put a kept state into the optimiser of a learner whose layer groups are frozen as they were."""
    for number, weight in enumerate(learn.model.parameters()):
        if f"{number}.step" in kept:
            state = {key: kept[f"{number}.{key}"] for key in STATE}
            on_cpu = weight.device.type == "cpu"
            learn.opt.opt.state[weight] = {
                key: tensor if key == "step" and on_cpu else tensor.to(weight.device)
                for key, tensor in state.items()
            }
