"""The measurements of `text_model.py` -> its table."""

from typing import Any

PREDICTIONS = ("predict_small", "predict_full")
PRECISIONS = ("float32", "float32-slots", "bfloat16")


def markdown(result: dict[str, Any], titles: dict[str, str], runs: int) -> str:
    """Return the table of the measured parts, with titles; `runs` is the number of runs of tokenising."""
    lines = ["| | stock fastai | ours | times as fast |", "|---|---|---|---|"]
    for name, title in titles.items():
        row = result.get(name)
        if row and name in PREDICTIONS:
            lines += _predictions(title, row)
        elif row and "speedup" in row:
            lines.append(
                f"| {title} | {row['stock_per_s']:,.1f} | {row['ours_per_s']:,.1f} | {row['speedup']:.1f} |"
            )
    if row := result.get("tokenise"):
        lines += [
            "",
            f"Tokenising: fastest of {runs} runs in turns; fastai with {row['stock_workers']} workers, ours in one "
            f"process. Our first run, before it had seen any of the reviews: {row['ours_first_per_s']:,.0f}.",
        ]
    if row := result.get("tokenise_many"):
        lines += [
            "",
            f"{titles['tokenise_many'].capitalize()}, never seen before: {row['one_per_s']:,.0f} a second in one "
            f"process, {row['all_per_s']:,.0f} in all cores.",
        ]
    if row := result.get("perplexity"):
        lines += [
            "",
            f"Perplexity on the tenth kept out, over all words, stock {row['stock']:.1f}, "
            f"ours {row['ours']:.1f}.",
        ]
    if row := result.get("paste"):
        lines += [
            "",
            f"A pasted review is answered, highlights and all, in {row['p50_s'] * 1000:.0f} ms (median), "
            f"{row['p95_s'] * 1000:.0f} ms (95 of 100).",
        ]
    return "\n".join([*lines, "", f"Measured on {result['date']}: {result['machine']}."])


def _predictions(title: str, row: dict[str, Any]) -> list[str]:
    """Return a line a precision, and one of as many reviews as a run reads together."""
    lines = []
    for precision in PRECISIONS:
        if part := row.get(precision):
            chosen = ", chosen here" if precision == row["chosen"] else ""
            lines.append(
                f"| {title}: {precision}{chosen} (probabilities differ by {part['mean_difference']:.1e}, at most "
                f"{part['difference']:.1e}) | {row['stock_per_s']:,.1f} | {part['per_s']:,.1f} "
                f"| {part['speedup']:.1f} |"
            )
    many = row["many"]
    lines.append(
        f"| the same, {many['reviews']:,} reviews | {row['stock_per_s']:,.1f} | {many['per_s']:,.1f} "
        f"| {many['per_s'] / row['stock_per_s']:.1f} |"
    )
    return lines
