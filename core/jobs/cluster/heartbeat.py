"""A worker's sign of life in the database, and how it learns that it was given up.

The worker may write for some time after it signed, by a clock of its own that runs on while the machine sleeps or the
process is stopped. Before that time is over nobody can take its run over, by whichever clock.
"""

import logging
import math
import threading
import time
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from core.errors import QueueError
from core.jobs.cluster import database, presence
from core.jobs.cluster.database import in_words, opened

BEAT_SECONDS = 5.0
"""Time between two signs of life."""
PERMIT_SHARE = 0.9
"""Share of LOST_SECONDS for which a worker may write after it signed."""
GAP_SHARE = 1 / 3
"""Share of LOST_SECONDS that may pass between two signs; in a longer gap nobody may have been able to sign."""

log = logging.getLogger(__name__)


def _now() -> float:
    """Return the seconds of a clock that nobody sets, and that runs on while the machine sleeps."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Heartbeat(threading.Thread):
    """Signs for a worker until the process ends; calls `lost` once the others have given the worker up.

    It gives up others that are silent, once it has signed without a gap for as long: after a pause of the database
    all are silent, and none is gone.
    """

    def __init__(self, root: Path, url: sa.URL, worker: str, lost: Callable[[], None]) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self._root, self._url, self._worker, self._lost = root, url, worker, lost
        self._engine = opened(url)
        self._until, self._beats = 0.0, 0
        self._signed_last, self._steady_since = -math.inf, 0.0
        self._leaving = threading.Event()
        self._signed = threading.Condition()

    def permit(self) -> None:
        """Return once this worker certainly has its run; until then, wait."""
        with self._signed:
            while _now() >= self._until or self._leaving.is_set():
                self._signed.wait(BEAT_SECONDS)

    def run(self) -> None:
        silent = False
        while not self._leaving.wait(0 if silent else BEAT_SECONDS):
            try:
                self.sign()
                if silent:
                    log.info("the database answers again")
                silent = False
            except QueueError as error:
                if not silent:
                    log.warning("%s; nothing is written until it answers", error)
                silent = True
                time.sleep(min(BEAT_SECONDS, 1.0))

    def sign(self) -> None:
        """Sign once, and look after the others. Raises QueueError."""
        began = _now()
        with in_words(self._url):
            with self._engine.begin() as connection:
                known = connection.execute(
                    sa.text("UPDATE factorscope.workers SET signed = clock_timestamp() WHERE name = :name"),
                    {"name": self._worker},
                ).rowcount
            if not known:
                if not self._leaving.is_set():
                    self._lost()
                return
            with self._signed:
                self._until = began + PERMIT_SHARE * database.LOST_SECONDS
                self._signed.notify_all()
            signed = _now()
            if signed - self._signed_last > GAP_SHARE * database.LOST_SECONDS:
                self._steady_since = signed
            self._signed_last = signed
            self._beats += 1
            self._show()
            if signed - self._steady_since >= database.LOST_SECONDS:
                self._give_up()

    def leave(self) -> None:
        """Write nothing any more, and let the others have the run at once."""
        self._leaving.set()
        try:
            with in_words(self._url), self._engine.begin() as connection:
                connection.execute(
                    sa.text("DELETE FROM factorscope.workers WHERE name = :name"), {"name": self._worker}
                )
        except QueueError as error:
            log.warning("%s", error)
        presence.hide(self._root, self._worker)

    def alive(self) -> set[str]:
        """Return the names of all workers that have not been given up. Raises QueueError."""
        with in_words(self._url), self._engine.begin() as connection:
            return set(connection.execute(sa.text("SELECT name FROM factorscope.workers")).scalars())

    def _show(self) -> None:
        try:
            presence.show(self._root, self._worker, self._beats)
        except Exception as error:  # noqa: BLE001 - only what pages say depends on it
            log.warning("the file of this worker cannot be written: %s", error)

    def _give_up(self) -> None:
        with self._engine.begin() as connection:
            names = list(
                connection.execute(
                    sa.text(
                        "DELETE FROM factorscope.workers "
                        "WHERE signed < clock_timestamp() - make_interval(secs => :lost) RETURNING name"
                    ),
                    {"lost": database.LOST_SECONDS},
                ).scalars()
            )
        for name in names:
            log.warning("worker %s is given up: it has not signed for %d s", name, database.LOST_SECONDS)
            presence.hide(self._root, name)
