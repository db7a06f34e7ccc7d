"""What `dashboard.py` measured -> the figures of its JSON document, and its tables."""

from typing import Any

import numpy as np


def spread(seconds: list[float]) -> dict[str, float]:
    """Return how many, median and 90th percentile."""
    median, high = np.percentile(seconds, [50, 90])
    return {"n": len(seconds), "median": round(float(median), 3), "p90": round(float(high), 3)}


def summary(found: dict[str, Any]) -> dict[str, Any]:
    """Return the figures of the JSON document, those that were measured."""
    figures: dict[str, Any] = {}
    parts: dict[str, dict[str, float]] = {}
    if "page changes" in found:
        parts["page change"] = spread(found["page changes"])
        figures["page_change_s"] = parts["page change"]["median"]
    if "interactions" in found:
        parts |= {what: spread(taken) for what, taken in found["interactions"].items()}
        parts["interaction"] = spread(sum(found["interactions"].values(), []))
        figures["interaction_s"] = parts["interaction"]["median"]
    for what, taken in found.get("grid", {}).items():
        parts[f"grid, {what}"] = spread(taken)
        figures[f"grid_{what}_s"] = parts[f"grid, {what}"]["median"]
    if "readings" in found:
        parts["pasted review"] = spread(found["readings"])
        figures["paste_p95_s"] = round(float(np.percentile(found["readings"], 95)), 3)
    if "memory" in found:
        figures |= {"idle_mb": round(found["memory"]["server"])}
        figures |= {f"{name}_mb": round(mb) for name, mb in found["memory"].items() if name != "server"}
    if "browsers" in found:
        sides = {
            browsers: {what: spread(taken) for what, taken in seconds.items()}
            for browsers, seconds in found["browsers"].items()
        }
        one, several = sides.values()
        for number, side in sides.items():
            parts |= {f"{what}, {number} at once": values for what, values in side.items()}
        figures["five_browsers_factor"] = round(
            max(several[what]["median"] / one[what]["median"] for what in one), 2
        )
    return figures | {"parts": parts}


def markdown(result: dict[str, Any]) -> str:
    lines = [f"{result['machine']}; {result['date']}", "", "| figure | value |", "|---|---|"]
    lines += [
        f"| {name} | {value} |" for name, value in result.items() if name not in ("machine", "date", "parts")
    ]
    lines += ["", "| what | n | median, s | 90th percentile, s |", "|---|---|---|---|"]
    lines += [
        f"| {what} | {v['n']} | {v['median']:.3f} | {v['p90']:.3f} |" for what, v in result["parts"].items()
    ]
    return "\n".join(lines)
