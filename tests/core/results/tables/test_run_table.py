"""The table of runs: one row a run, each score beside its baseline."""

from dataclasses import replace

from support.run_folders import run_record
from support.run_records import words_record

from core.figures import lrap_of_runs
from core.results.comparison import result_of
from core.results.tables.runs import COLUMNS, caveats_of_all, lrap_table, run_table
from core.settings import preset

SETTINGS = preset("starter", ratings="planted", reviews="planted", factors=2, top=1)


def test_a_row_has_each_score_with_its_baseline_and_what_was_not_measured_is_missing() -> None:
    older = result_of(run_record(SETTINGS), {})
    with_words = result_of(run_record(SETTINGS, words=words_record([True, False]).plain()), {})
    table = run_table({"older": older, "newer": with_words})
    assert list(table) == list(COLUMNS)
    assert table.with_words.isna().tolist() == [True, False] and table.with_words.iloc[1] == 1
    row = table.iloc[0]
    assert (row.rmse, row.rmse_means, row.lrap, row.lrap_baseline) == (0.5, 0.6, 0.5, 0.4)
    assert (row.solid, row.shaky, row.chance, row.preset) == (1, 0, 1, "starter")
    assert row.verdict_users == older.verdict_users is not None
    assert run_table({"it": replace(older, verdict_users=None)}).verdict_users.isna().all()


def test_the_dot_plot_has_a_row_a_run_with_interval_and_baseline_and_escapes_names() -> None:
    one = result_of(run_record(SETTINGS), {})
    table = lrap_table({"<b>A</b>": one, "B": replace(one, lrap_interval=None)})
    assert table.low.isna().tolist() == [False, True]
    bars, dots = lrap_of_runs(table).data
    assert list(bars.x) == [0.4, 0.4] and list(dots.x) == [0.5, 0.5]
    assert list(dots.error_x.array.round(3)) == [0.05, 0.0]
    assert "<b>" not in str(lrap_of_runs(table).to_dict())


def test_a_reason_against_comparing_is_given_once_for_many_runs() -> None:
    one = result_of(run_record(SETTINGS), {})
    other = replace(one, ratings=one.ratings.model_copy(update={"ratings": 5}))
    assert caveats_of_all([one, one]) == []
    assert len(caveats_of_all([one, other, one, other])) == 1
