"""fastai's Learner for steps so small that its own events take most of their time."""

from collections.abc import Iterable

from fastai.callback.core import Callback
from fastai.callback.schedule import Learner  # with fit_one_cycle


class LightLearner(Learner):  # type: ignore[misc]
    """A Learner that calls only the callbacks that have something to do at an event, in the same order."""

    def __call__(self, events: str | Iterable[str]) -> None:
        for event in [events] if isinstance(events, str) else events:
            self._call_one(event)

    def _call_one(self, event: str) -> None:
        # A callback is switched on again after a fit, whether it has something to do then or not.
        for callback in self._in_order():
            if event == "after_fit" or hasattr(type(callback), event):
                callback(event)

    def _in_order(self) -> list[Callback]:
        callbacks = list(self.cbs)
        if callbacks != self.__dict__.get("_known"):
            self.__dict__["_known"] = callbacks
            self.__dict__["_sorted"] = list(self.cbs.sorted("order"))
        in_order: list[Callback] = self.__dict__["_sorted"]
        return in_order
