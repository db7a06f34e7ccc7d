"""Runs side by side, with baselines and caveats."""

from dataclasses import replace

from support.run_folders import run_record

from core.results.comparison import caveats, result_line, result_of, side_by_side
from core.settings import (
    preset,
)
from core.settings.changes import differences

SETTINGS = preset("quick", ratings="planted", reviews="planted", factors=2, top=1)


def test_runs_are_compared_with_baselines_intervals_and_caveats() -> None:
    one = result_of(run_record(SETTINGS), {})
    assert (one.verdicts, one.labels, one.cached) == ({"solid": 1, "shaky": 0, "chance": 1}, 2, False)
    assert result_line(one).endswith("2 factors: 1 solid, 0 shaky, 1 chance.")
    assert "RMSE 0.500 stars (means of films and users 0.600)" in result_line(one)
    assert caveats(one, one) == []
    other = replace(one, ratings=one.ratings.model_copy(update={"ratings": 5}), labels=3)
    assert ["RMSE" in caveats(one, other)[0], "LRAP" in caveats(one, other)[1]] == [True, True]
    part = replace(one, verdict_users=10, among="10 of 40 users, drawn at random")
    assert caveats(part, part) == [] == caveats(part, replace(one, verdict_users=None))
    assert caveats(part, one)[0].startswith(
        "Some verdicts rest on 10 of 40 users, drawn at random, others on all users."
    )
    assert result_line(part).endswith("1 chance (among 10 of 40 users, drawn at random).")
    assert "may be chance" in caveats(one, replace(one, kept_out=(0.2, 7)))[0]
    fewer = result_of(run_record(SETTINGS.replace(selection=SETTINGS.selection.replace(top=2))), {})
    assert [sentence for sentence in caveats(one, fewer) if "different labels" in sentence]
    reads_more = SETTINGS.language_model.replace(max_reviews=7)
    assert caveats(one, result_of(run_record(SETTINGS.replace(language_model=reads_more)), {})) == []
    cells = side_by_side(one, other).set_index("measure")["first"]
    assert cells.filter(like="LRAP;").item().startswith("0.500 (95% interval 0.450 to 0.550); baseline")
    assert cells["Dominating factor"] == "factor 0: 60% of 100 predictions"
    assert cells["Verdicts on the factors"] == "1 solid, 0 shaky, 1 chance"
    table = differences(SETTINGS.model_dump(), SETTINGS.replace(seed=7).model_dump())
    assert table.to_dict("records") == [{"setting": "seed", "first": "42", "second": "7"}]


def test_the_dominating_factor_has_its_shown_name() -> None:
    record = run_record(SETTINGS, suggested_names=["war ↔ music", "no clear meaning"])
    for names, shown in (({}, "≈ war ↔ music"), ({0: "battles", 1: "x"}, "battles")):
        result = result_of(record, names)
        cells = side_by_side(result, result).set_index("measure")["first"]
        assert cells["Dominating factor"] == f"factor 0 · {shown}: 60% of 100 predictions"
