"""The processor's name; importing this module loads no torch."""

import platform
from functools import cache
from pathlib import Path


@cache
def processor() -> str:
    """Return what the processor calls itself, with family and model: "AMD EPYC, family 25, model 17".

    Several kinds may bear one name. Where it tells none of that, its architecture is returned.
    """
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").partition("\n\n")[0].splitlines()
    except OSError:
        lines = []
    told = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    if "model name" not in told:
        return platform.processor() or platform.machine()
    return f"{told['model name']}, family {told.get('cpu family')}, model {told.get('model')}"
