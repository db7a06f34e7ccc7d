"""Progress: what a report becomes when it is passed through parts."""

from typing import Any

from core.progress import against, named, part


def test_a_point_goes_through_parts_with_its_baselines_and_stops_where_another_piece_speaks() -> None:
    heard: list[Any] = []

    def report(stage: str, done: float, message: str, values: Any = None) -> None:
        heard.append((stage, done, values))

    inner = against(part(report, 0.5, 1.0), {"means": 0.9})
    inner("factor model", 0.5, "", {"step": 1, "trained on": 0.7})
    inner("factor model", 1.0, "")
    named(inner, "stability")("factor model", 0.5, "", {"step": 1})
    assert heard == [
        ("factor model", 0.75, {"step": 1, "trained on": 0.7, "means": 0.9}),
        ("factor model", 1.0, None),
        ("stability", 0.75, None),
    ]
