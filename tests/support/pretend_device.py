"""A device that is not there: tensors on it compute on the processor, and refuse those that were left on it.

Inside `PretendDevice()` torch knows PRETEND as a device. What is made there or moved there is marked by its memory,
and an operation that mixes marked with unmarked tensors fails as on a GPU. As there, single numbers and indices of
the processor may be mixed in, and numpy reads nothing before it is moved back.

torch keeps to each thread what it is in, so threads that start inside are let in too: one that was left out would ask
torch itself for PRETEND, which ends in "No module named 'torch.privateuseone'".
"""

import threading
from collections.abc import Callable, Iterator
from typing import Any, Self

import torch
from torch import Tensor
from torch.multiprocessing.reductions import StorageWeakRef
from torch.overrides import TorchFunctionMode, _pop_mode, _push_mode, resolve_name
from torch.utils._pytree import tree_leaves

PRETEND = torch.device("privateuseone:0")
"""A device that torch can name, and that no machine has."""
MOVES = {"to", "cpu", "type_as"}
ACROSS = {"copy_", "data.__set__", "grad.__set__", "_has_compatible_shallow_copy_type", "is_same_size"}
"""What takes tensors of two devices."""
INDEXING = {"__getitem__", "index_put_", "__setitem__"}
READS = {"numpy", "__array__"}


class LeftBehind(RuntimeError):
    """Raised where tensors of two devices meet, as torch raises RuntimeError."""


class PretendDevice(TorchFunctionMode):
    """Lets torch know PRETEND inside."""

    def __init__(self) -> None:
        super().__init__()
        # A weak reference keeps the address of a storage from being used again.
        self._marked: dict[int, StorageWeakRef] = {}
        self.operations = 0
        """How many operations were done there."""
        self._start_alone: list[Callable[[threading.Thread], None]] = []

    def __enter__(self) -> Self:
        entered = super().__enter__()
        alone = threading.Thread.run
        self._start_alone.append(alone)

        def run(thread: threading.Thread) -> None:
            _push_mode(self)
            try:
                alone(thread)
            finally:
                _pop_mode()

        threading.Thread.run = run  # type: ignore[method-assign]
        return entered

    def __exit__(self, *error: Any) -> None:
        threading.Thread.run = self._start_alone.pop()  # type: ignore[method-assign]
        super().__exit__(*error)

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        kwargs = dict(kwargs or {})
        name = _name(func)
        if name == "device.__get__":
            return PRETEND if self.is_there(args[0]) else func(*args)
        if name == "grad.__get__":
            gradient = func(*args)
            if gradient is not None and self.is_there(args[0]):
                self._mark(gradient)
            return gradient
        if name in READS and self.is_there(args[0]):
            raise LeftBehind("numpy cannot read a tensor of another device; move it to the processor first")
        if name in MOVES:
            return self._moved(func, name, args, kwargs)
        wanted = kwargs.get("device")
        if wanted is not None and torch.device(wanted).type == PRETEND.type:
            kwargs["device"] = "cpu"
            if kwargs.get("generator") is not None:
                raise LeftBehind("a generator of the processor cannot draw on another device")
            return self._there(func(*args, **kwargs), args)
        if wanted is not None:
            return func(*args, **kwargs)
        there = self._refuse_mixed(name, args, kwargs)
        result = func(*args, **kwargs)
        if there:
            self.operations += 1
            for tensor in _tensors(result):
                self._mark(tensor)
        return result

    def is_there(self, tensor: Tensor) -> bool:
        """Return whether a tensor is on the pretend device."""
        return any(storage._cdata in self._marked for storage in _storages(tensor))

    def _mark(self, tensor: Tensor) -> None:
        for storage in _storages(tensor):
            self._marked.setdefault(storage._cdata, StorageWeakRef(storage))

    def _there(self, result: Any, args: tuple[Any, ...]) -> Any:
        """Return what was made on the device: new memory, unless it was there before."""
        if isinstance(result, Tensor) and not self.is_there(result):
            result = result.clone()
            self._mark(result)
        return result

    def _moved(
        self, func: Callable[..., Any], name: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        tensor, *rest = args
        was_there = self.is_there(tensor)
        target = _target(name, rest, kwargs)
        if isinstance(target, Tensor):
            goes_there = self.is_there(target)
        else:
            goes_there = was_there if target is None else target.type == PRETEND.type
        if target is not None and not isinstance(target, Tensor):
            rest = ["cpu" if isinstance(each, str | torch.device) else each for each in rest]
            if "device" in kwargs:
                kwargs = kwargs | {"device": "cpu"}
        result = func(tensor, *rest, **kwargs)
        if was_there != goes_there and _same_memory(result, tensor):
            result = result.clone()
        if goes_there:
            self._mark(result)
        return result

    def _refuse_mixed(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
        """Return whether an operation takes place on the device; raise LeftBehind where it mixes devices."""
        tensors = list(_tensors((args, kwargs)))
        there = [self.is_there(tensor) for tensor in tensors]
        if not any(there) or name in ACROSS:
            return any(there) and self.is_there(args[0]) if name in ACROSS else False
        if name in INDEXING and there[0]:
            # The index may be anywhere; what is put in may not.
            value = args[2] if len(args) > 2 else None
            if not isinstance(value, Tensor) or value.dim() == 0 or self.is_there(value):
                return True
        # A fused step of an optimiser counts its steps on the device.
        single = not name.startswith("_fused")
        if not all(
            is_there or (single and tensor.dim() == 0)
            for tensor, is_there in zip(tensors, there, strict=True)
        ):
            shapes = [tuple(tensor.shape) for tensor in tensors]
            raise LeftBehind(
                f"{name}: all tensors must be on the same device; of shapes {shapes} on the device are {there}"
            )
        return True


def _name(func: Callable[..., Any]) -> str:
    """Return the last part of an operation's name; of a property the last two."""
    name = resolve_name(func) or getattr(func, "__name__", str(func))
    parts = name.split(".")
    return ".".join(parts[-2:]) if parts[-1] in ("__get__", "__set__") else parts[-1]


def _tensors(value: Any) -> Iterator[Tensor]:
    return (leaf for leaf in tree_leaves(value) if isinstance(leaf, Tensor))


def _storages(tensor: Tensor) -> list[torch.UntypedStorage]:
    if tensor.layout == torch.sparse_csr:
        return [tensor.values().untyped_storage()]
    if tensor.layout == torch.sparse_coo:
        return [tensor._indices().untyped_storage(), tensor._values().untyped_storage()]
    # What oneDNN has laid out for itself is the processor's alone.
    return [] if tensor.layout == torch._mkldnn else [tensor.untyped_storage()]


def _same_memory(one: Tensor, other: Tensor) -> bool:
    return [each._cdata for each in _storages(one)] == [each._cdata for each in _storages(other)]


def _target(name: str, rest: list[Any], kwargs: dict[str, Any]) -> torch.device | Tensor | None:
    """Return where a tensor is moved: a device, the tensor beside which it goes, or None where it stays."""
    if name == "cpu":
        return torch.device("cpu")
    for each in [*rest, kwargs.get("device"), kwargs.get("other")]:
        if isinstance(each, Tensor):
            return each
        if isinstance(each, str | torch.device):
            return torch.device(each)
    return None
