"""The curves of a record beside their baselines."""

import plotly.graph_objects as go
import pytest
from support.run_folders import run_record

from core import figures
from core.results.curves import BASELINES, axes_of, recorded, steps_of
from core.settings import (
    PRESETS,
    preset,
)

SETTINGS = preset("quick", ratings="planted", reviews="planted", factors=2, top=1)


def test_curves_of_a_record_stand_beside_the_baseline() -> None:
    found = recorded(run_record(SETTINGS))
    assert found == {
        "factor model": (
            {"step": 1, "trained on": 0.4, "kept out": 0.3, "means of films and users": pytest.approx(0.36)},
            {"step": 2, "trained on": 0.2, "kept out": 0.25, "means of films and users": pytest.approx(0.36)},
        )
    }
    assert axes_of("factor model", "gibbs").step == "sweep"
    assert [steps_of("factor model", preset(name)) for name in PRESETS] == [220, 6, 5, 5, 6, 220, 200]
    assert [steps_of("classifier", preset("quick", unfreeze=on)) for on in (False, True)] == [5, 9]
    figure: go.Figure = figures.curves(found["factor model"], BASELINES, "epoch", "error")
    assert [(line.name, line.line.dash) for line in figure.data] == [
        ("trained on", "solid"),
        ("kept out", "dot"),
        ("means of films and users", "dash"),
    ]
