"""The measurements of `dashboard.py` -> the figures of its JSON document, and its tables."""

from typing import Any

import numpy as np


def spread(seconds: list[float]) -> dict[str, float]:
    """Return number, median and 90th percentile."""
    median, high = np.percentile(seconds, [50, 90])
    return {"n": len(seconds), "median": round(float(median), 3), "p90": round(float(high), 3)}


def summary(measurements: dict[str, Any]) -> dict[str, Any]:
    """Return the measured figures of the JSON document."""
    figures: dict[str, Any] = {}
    parts: dict[str, dict[str, float]] = {}
    if "page changes" in measurements:
        parts["page change"] = spread(measurements["page changes"])
        figures["page_change_s"] = parts["page change"]["median"]
    if "interactions" in measurements:
        parts |= {name: spread(taken) for name, taken in measurements["interactions"].items()}
        parts["interaction"] = spread(sum(measurements["interactions"].values(), []))
        figures["interaction_s"] = parts["interaction"]["median"]
    for name, taken in measurements.get("grid", {}).items():
        parts[f"grid, {name}"] = spread(taken)
        figures[f"grid_{name}_s"] = parts[f"grid, {name}"]["median"]
    for part, figure in (("labels", "labels_redrawn_s"), ("head", "head_s")):
        if "picks" in measurements:
            parts[f"other labels, {part}"] = spread(measurements["picks"][part])
            figures[figure] = parts[f"other labels, {part}"]["median"]
    if "readings" in measurements:
        parts["pasted review"] = spread(measurements["readings"])
        figures["paste_p95_s"] = round(float(np.percentile(measurements["readings"], 95)), 3)
    if "memory" in measurements:
        figures |= {"idle_mb": round(measurements["memory"]["server"])}
        figures |= {
            f"{name}_mb": round(mb) for name, mb in measurements["memory"].items() if name != "server"
        }
    if "processor" in measurements:
        figures["processor_ms"] = {
            act: {kind: round(ms) for kind, ms in kinds.items()}
            for act, kinds in measurements["processor"].items()
        }
    if "browsers" in measurements:
        sides = {
            browsers: {name: spread(taken) for name, taken in seconds.items()}
            for browsers, seconds in measurements["browsers"].items()
        }
        one, several = sides.values()
        for number, side in sides.items():
            parts |= {f"{name}, {number} at once": values for name, values in side.items()}
        figures["five_browsers_factor"] = round(
            max(several[name]["median"] / one[name]["median"] for name in one), 2
        )
    return figures | {"parts": parts}


def markdown(result: dict[str, Any]) -> str:
    lines = [f"{result['machine']}; {result['date']}", "", "| figure | value |", "|---|---|"]
    lines += [
        f"| {name} | {value} |"
        for name, value in result.items()
        if name not in ("machine", "date", "parts", "processor_ms")
    ]
    lines += [
        f"| {act}, processor ms: {kind} | {ms} |"
        for act, kinds in result.get("processor_ms", {}).items()
        for kind, ms in kinds.items()
    ]
    lines += ["", "| what | n | median, s | 90th percentile, s |", "|---|---|---|---|"]
    lines += [
        f"| {name} | {v['n']} | {v['median']:.3f} | {v['p90']:.3f} |" for name, v in result["parts"].items()
    ]
    return "\n".join(lines)
