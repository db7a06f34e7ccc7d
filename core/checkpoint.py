"""Where a long fit stands, in one file: weights, the optimiser's state and the losses so far, after each epoch."""

import json
from pathlib import Path
from typing import Any

from fastai.learner import Learner
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

STATE = ("exp_avg", "exp_avg_sq", "step")
"""What torch's AdamW keeps for each weight."""


def save_checkpoint(path: Path, learn: Learner, done: dict[str, Any]) -> None:
    """Write where the fit stands; `done` is plain data. The file is either the old one or the new one, whole."""
    tensors = {f"model.{name}": tensor for name, tensor in learn.model.state_dict().items()}
    kept = learn.opt.opt.state
    for number, weight in enumerate(learn.model.parameters()):
        tensors |= {f"optimiser.{number}.{key}": kept[weight][key] for key in STATE if weight in kept}
    plain = {name: tensor.detach().cpu().clone().contiguous() for name, tensor in tensors.items()}
    temporary = path.with_name(f".{path.name}")
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary.write_bytes(save(plain, metadata={"done": json.dumps(done)}))
    temporary.replace(path)


def load_checkpoint(path: Path, learn: Learner) -> dict[str, Any] | None:
    """Put the weights of a checkpoint into the model and give what was done; None where there is none that fits."""
    try:
        with safe_open(path, framework="pt") as file:
            done: dict[str, Any] = json.loads(file.metadata()["done"])
            model = {
                name.removeprefix("model."): file.get_tensor(name)
                for name in file.keys()  # noqa: SIM118 - no dictionary
                if name.startswith("model.")
            }
        learn.model.load_state_dict(model)
    except (OSError, SafetensorError, RuntimeError, ValueError, KeyError, TypeError):
        return None
    return done


def load_optimiser(path: Path, learn: Learner) -> None:
    """Put the optimiser's state of a checkpoint into a learner whose layer groups are frozen as they were."""
    device = next(learn.model.parameters()).device
    with safe_open(path, framework="pt") as file:
        names = set(file.keys())
        for number, weight in enumerate(learn.model.parameters()):
            if f"optimiser.{number}.step" not in names:
                continue
            state = {key: file.get_tensor(f"optimiser.{number}.{key}") for key in STATE}
            learn.opt.opt.state[weight] = {
                key: tensor if key == "step" and device.type == "cpu" else tensor.to(device)
                for key, tensor in state.items()
            }
