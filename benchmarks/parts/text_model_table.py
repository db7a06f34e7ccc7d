"""The measurements of `text_model.py` -> its table."""

from typing import Any


def markdown(result: dict[str, Any], titles: dict[str, str], runs: int) -> str:
    """Return the table of the measured parts, with titles; `runs` is the number of runs of tokenising."""
    lines = ["| | stock fastai | ours | times as fast |", "|---|---|---|---|"]
    for name, title in titles.items():
        if (row := result.get(name)) and "speedup" in row:
            lines.append(
                f"| {title} | {row['stock_per_s']:,.1f} | {row['ours_per_s']:,.1f} | {row['speedup']:.1f} |"
            )
    if row := result.get("tokenise"):
        lines += [
            "",
            f"Tokenising: fastest of {runs} runs in turns; fastai with {row['stock_workers']} workers, ours in one "
            f"process. Our first run, before it had seen any of the reviews: {row['ours_first_per_s']:,.0f}.",
        ]
    if row := result.get("perplexity"):
        lines += [
            "",
            f"Perplexity on the tenth kept out, over all words, stock {row['stock']:.1f}, "
            f"ours {row['ours']:.1f}.",
        ]
    for name in ("predict_small", "predict_full"):
        if row := result.get(name):
            lines += ["", f"{name}: largest difference of a probability {row['difference']:.1e}."]
    if row := result.get("paste"):
        lines += [
            "",
            f"A pasted review is answered, highlights and all, in {row['p50_s'] * 1000:.0f} ms (median), "
            f"{row['p95_s'] * 1000:.0f} ms (95 of 100).",
        ]
    return "\n".join([*lines, "", f"Measured on {result['date']}: {result['machine']}."])
