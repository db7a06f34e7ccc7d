"""What a stage says of its shards, and how they are done: each once, here or by a cluster, and found again.

How work is cut follows from the data and the chosen device alone, and a shard does not know which machine does it. So
all ways lead to the same numbers.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from core.shards.shard_store import Arrays, ShardStore
from core.training.threads import in_threads

Common = TypeVar("Common")
Argument = TypeVar("Argument")
Progress = Callable[[float], None]
"""Is told which share is done, and raises where the work is to stop."""
Waiting = Callable[[float, str], object]
"""Is told which share is done and what is waited for, and raises where the work is to stop."""
VARIABLE = "FACTORSCOPE_RAY"
"""Environment variable that names a cluster of Ray: `auto` or `ray://host:port`."""


@dataclass(frozen=True)
class Shards(Generic[Common, Argument]):
    """Work that is cut into shards."""

    work: Callable[[Common, Argument, Progress], Arrays]
    """What does a shard: a function of a module, since other machines find it by its name."""
    common: Common
    """What all shards need; it goes to each machine once."""
    sizes: Mapping[str, int]
    """The shards by name, in their order, and how much work each is."""
    argument: Callable[[str], Argument]
    """Gives what a shard works on, by its name."""
    device: str = "cpu"
    """The device of all shards, by torch's name, here and on a cluster."""
    at_once: int = 1
    """How many shards this machine does at a time, each in a thread whose torch has no other."""

    def do(self, name: str, progress: Progress) -> Arrays:
        """Return what comes out of a shard, done here."""
        return self.work(self.common, self.argument(name), progress)

    def kept_as(self, name: str) -> str:
        """Return the name under which a shard is kept: each device has digits of its own."""
        return name if self.device == "cpu" else f"{name} on {self.device}"


def in_shards(
    shards: Shards[Common, Argument],
    shard_store: ShardStore,
    progress: Progress,
    waiting: Waiting = lambda *_: None,
) -> Iterator[tuple[str, Arrays]]:
    """Yield each shard's name and what came out of it, in their order.

    Shards that `shard_store` has are not done again. A single shard is done here and is not kept, since
    the stage is finished with it. Raises what the work or `progress` raises, ClusterError where the
    cluster cannot be used, and StageFinished where another run finished the stage and deleted its shards.
    """
    if len(shards.sizes) == 1:
        (name,) = shards.sizes
        yield name, shards.do(name, progress)
        return
    shares = _Shares(shards.sizes, progress, waiting)
    missing = []
    for name in shards.sizes:
        if shard_store.has(shards.kept_as(name)):
            shares.put(name, 1.0)
        else:
            missing.append(name)
    if missing:
        shares.tell()
        _do(shards, missing, shard_store, shares)
    names = list(shards.sizes)
    for place, name in enumerate(names):
        while (arrays := shard_store.arrays(shards.kept_as(name))) is None:
            shard_store.refuse_finished()
            missing = [other for other in names[place + 1 :] if not shard_store.has(shards.kept_as(other))]
            _do(shards, [name, *missing], shard_store, shares)
        yield name, arrays


def _do(
    shards: Shards[Common, Argument], names: list[str], shard_store: ShardStore, shares: "_Shares"
) -> None:
    """Do some shards and keep what comes out of them."""

    def keep(name: str, work: Callable[[], Arrays]) -> None:
        shard_store.keep(shards.kept_as(name), work)
        shares.put(name, 1.0)

    address = os.environ.get(VARIABLE)
    # Ray knows no GPU of Apple.
    if address and shards.device != "mps":
        # Imported here, since it loads Ray.
        from core.shards.cluster import on_cluster

        on_cluster(address, shards, names, keep, shares.tell)
        return

    def do(name: str, check: Callable[[], None]) -> None:
        def note(done: float) -> None:
            shares.put(name, done)
            check()

        keep(name, lambda: shards.do(name, note))

    in_threads(do, names, shards.at_once, shares.tell)


class _Shares:
    """How far each shard is, and all of them together."""

    def __init__(self, sizes: Mapping[str, int], progress: Progress, waiting: Waiting) -> None:
        self._sizes, self._progress, self._waiting = sizes, progress, waiting
        self._done = dict.fromkeys(sizes, 0.0)
        self._whole = sum(sizes.values()) or 1

    def put(self, name: str, share: float) -> None:
        """Note the share of a shard that is done."""
        self._done[name] = share

    def tell(self, waited_for: str = "") -> None:
        """Tell which share of the whole is done, and what is waited for, if anything."""
        share = sum(self._sizes[name] * share for name, share in self._done.items()) / self._whole
        if waited_for:
            self._waiting(share, waited_for)
        else:
            self._progress(share)
