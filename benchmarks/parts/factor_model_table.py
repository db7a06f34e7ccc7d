"""The measurements of `factor_model.py` -> its tables."""

from typing import Any


def markdown(result: dict[str, Any], runs: int) -> str:
    """Return the tables of the measured parts; `runs` is the number of runs of the speedup."""
    lines = []
    if rows := result.get("accuracy"):
        lines += [
            "MovieLens 100K, folds u1 to u5: RMSE of predictions clipped to 1 to 5, and the fit alone; other "
            "libraries use threads as they come (cores: processor time by wall time)\n",
            "| model | mean RMSE | RMSE of u1 | fit, s | cores |\n|---|---|---|---|---|",
            *(
                f"| {r['model']} | {r['rmse']:.4f} | {r['rmse_u1']:.4f} | {r['fit_seconds']:.1f} | "
                f"{r['cores']:.1f} |"
                for r in rows
            ),
            "",
        ]
    if row := result.get("speedup_runs"):
        lines += [
            f"The article's model on u1, median of {runs} alternating runs\n",
            "| | fit, s | RMSE |\n|---|---|---|",
            f"| article code | {row['article_code_s']:.1f} | {row['rmse_article_code']:.4f} |",
            f"| preset `article` | {row['ours_s']:.1f} | {row['rmse_ours']:.4f} |",
            f"| times as fast | {row['speedup']:.1f} | |",
            "",
        ]
    if rows := result.get("scale"):
        lines += [
            "Planted ratings, one pass, each in a process of its own\n",
            "| model | ratings | users | films | pass, s | ratings alone, GB | peak, GB |\n"
            "|---|---|---|---|---|---|---|",
        ]
        for r in rows:
            figures = (
                f"{r['seconds']:.2f} | {r['data_gb']:.3f} | {r['peak_gb']:.2f}"
                if r["seconds"]
                else "failed | | "
            )
            lines.append(f"| {r['model']} | {r['ratings']:,} | {r['users']:,} | {r['films']:,} | {figures} |")
        lines.append("")
    if rows := result.get("small"):
        lines += [
            "Few ratings: mean RMSE of three seeds on a fifth of the ratings, processor time of a fit, passes over "
            "the ratings, and in how many of three runs the gain over the means is certain\n",
            "| data | ratings | model | factors | RMSE | means | fit, s | passes | learnt |\n"
            "|---|---|---|---|---|---|---|---|---|",
            *(
                f"| {r['data']} | {r['ratings']:,} | {r['model']} | {r['factors']} | {r['rmse']:.3f} | "
                f"{r['rmse_means']:.3f} | {r['processor_seconds']:.1f} | {_range(r['passes'])} | {r['learnt']} |"
                for r in rows
            ),
            "",
        ]
    return "\n".join([*lines, f"Measured on {result['date']}: {result['machine']}."])


def _range(numbers: list[int]) -> str:
    """Return the least and the greatest of some numbers, once where they are the same."""
    low, high = min(numbers), max(numbers)
    return str(low) if low == high else f"{low}–{high}"
