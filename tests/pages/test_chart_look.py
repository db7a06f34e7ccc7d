"""The look of charts on a page: what a figure lacks is added, and nothing has the browser draw it twice."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest
from support.colours import contrast
from support.pages import ROOT, VIEWS, open_page

from core import figures
from core.figures.style import BEHIND_TEXT
from core.store import Store
from pages.components.shared.browser.chart_look import LINES, TEXT, dressed

COUNTS = pd.DataFrame({"film_id": ["1"], "title": ["A"], "factor": [0], "count": [4], "reviews": [8]})
GRID = figures.Histograms(COUNTS, COUNTS[["film_id", "factor"]])


def test_a_chart_gets_what_it_lacks_and_keeps_its_own() -> None:
    own = {"xaxis": {"showgrid": True}, "margin": {"l": 45}, "title": {"text": "Films"}, "annotations": [{}]}
    drawn = dressed(go.Figure([{"type": "bar", "x": [1], "y": [2]}], own)).to_dict()
    layout = drawn["layout"]
    assert (
        layout["xaxis"]["showgrid"] and layout["xaxis"]["gridcolor"] == layout["yaxis"]["gridcolor"] == LINES
    )
    assert layout["margin"] == {"l": 45, "pad": 8, "r": 0} and layout["font"]["color"] == TEXT
    assert layout["title"]["text"] == "Films" and not layout["annotations"][0]["showarrow"]
    assert drawn["data"][0]["marker"]["pattern"] == {"fillmode": "overlay"}
    assert layout["bargap"] == 0.15 and layout["legend"]["orientation"] == "h"


def test_a_text_of_a_saved_picture_is_legible_on_white_and_on_black() -> None:
    text = [int(part) for part in re.findall(r"\d+", TEXT)]
    assert min(contrast(text, page) for page in ([255] * 3, [0] * 3)) >= 4.5
    # On a page it is replaced, and so is the ground of a text that stands on marks.
    look = Path("pages/components/shared/browser/look.css").read_text()
    assert f'"fill: {TEXT}"' in look
    ground = BEHIND_TEXT.replace("rgba", "rgb").rpartition(",")[0]
    assert f'"fill: {ground})"' in look


@pytest.mark.parametrize("is_picked", [True, False])
def test_nothing_has_a_chart_drawn_twice(is_picked: bool) -> None:
    layout = dressed(figures.histogram_grid(GRID), is_picked).to_dict()["layout"]
    # Streamlit hands the figure to Plotly twice, and a template or arrays without a revision count as changed.
    assert "template" not in layout and layout["datarevision"]
    # It sets these where points can be picked.
    assert not is_picked or (layout["clickmode"], layout["hovermode"]) == ("event+select", "closest")
    assert not is_picked or layout["dragmode"] == "pan"


def test_arrays_are_sent_as_lists_which_a_revision_keeps() -> None:
    bars = {
        "type": "bar",
        "x": np.arange(2.0),
        "error_x": {"array": np.ones(2)},
        "marker": {"opacity": np.ones(2)},
    }
    (drawn,) = json.loads(dressed(go.Figure([bars])).to_json())["data"]
    assert drawn["x"] == [0, 1] and drawn["error_x"]["array"] == drawn["marker"]["opacity"] == [1, 1]


def has_tools(app: AppTest) -> set[bool]:
    """Return whether the charts of a page have Plotly's toolbar."""
    return {json.loads(chart.proto.config)["displayModeBar"] for chart in app.get("plotly_chart")}


@pytest.mark.parametrize(
    ("page", "query"),
    [*VIEWS, ("pages/2_Factors.py", {"know": "true"}), ("pages/4_Predictions.py", {"how_sure": "true"})],
    ids=str,
)
def test_charts_have_tools_only_if_asked_for(page: str, query: dict[str, str], with_words: Store) -> None:
    app = open_page(page, **query)
    assert has_tools(app) <= {False}
    switches = [toggle for toggle in app.toggle if toggle.label == "Tools"]
    assert bool(switches) == bool(app.get("plotly_chart"))
    for switch in switches:
        switch.set_value(True)
    app.run()
    assert not app.exception and has_tools(app) <= {True}


def test_charts_are_drawn_in_one_module_which_hides_their_tools() -> None:
    scripts = [ROOT / "app.py", *(ROOT / "pages").rglob("*.py")]
    assert [script.name for script in scripts if "plotly_chart(" in script.read_text()] == ["show.py"]
