"""Where the work of a run was done, and why."""

from collections.abc import Sequence

from core.results.run_record import DeviceRecord
from core.training.device_rule import Choice


def devices_line(devices: Sequence[DeviceRecord]) -> str:
    """Return which device each piece of work was done on, and why; "" where all came from the cache.

    >>> one = DeviceRecord(work="factor model", device="cpu", reason="this machine has no GPU")
    >>> other = DeviceRecord(work="classifier's head", device="cpu", reason="a GPU gains nothing here")
    >>> devices_line([one, one.model_copy(update={"work": "classifier's head"})])
    'All on the processor: this machine has no GPU.'
    >>> devices_line([one, other])[56:]
    "Classifier's head on the processor: a GPU gains nothing here."
    """
    if len(devices) > 1 and len({(each.device, each.reason) for each in devices}) == 1:
        return Choice("all", devices[0].device, devices[0].reason).sentence
    return " ".join(Choice(each.work, each.device, each.reason).sentence for each in devices)
