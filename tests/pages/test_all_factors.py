"""The page Factors, all of them in a list."""

import json

import pandas as pd
from support.factor_pages import click, factor_page, has_heading
from support.pages import in_order, shown_text
from support.run_folders import RUN, change_record

from core.results.factor_names import LONGEST, write_names
from core.store import Store
from pages.components.shared.text import LONGEST_TITLE


def test_the_measurements_of_a_factor_are_in_a_table_one_click_away(with_run: Store) -> None:
    app = factor_page(1, view="All factors")
    assert not app.dataframe
    app.toggle(key="factors_as_table").set_value(True).run()
    shown = app.dataframe[0].value
    assert {"stability", "chance_stability", "average_precision", "chance_precision", "strength"} <= set(
        shown
    )
    assert len(shown) == 4 and shown.films.map(len).tolist() == [20] * 4


def test_factors_of_chance_are_folded_away(with_words: Store) -> None:
    record = json.loads((with_words.root / "runs" / RUN / "out" / "run.json").read_text())
    for row in record["stability"]["factors"]:
        row["verdict"] = "noise" if row["factor"] in (0, 2) else "weak"
    change_record(with_words, RUN, stability=record["stability"])
    app = factor_page(1, view="All factors")
    opening = [button.key for button in app.button if button.key and button.key.startswith("open factor")]
    assert sorted(opening) == ["open factor 1", "open factor 3"]
    assert [block.label for block in app.expander] == ["2 factors that may be chance"]
    click(app, "open factor 3")
    assert has_heading(app, 3)


def test_of_large_data_it_is_said_among_which_users_stability_was_measured(with_run: Store) -> None:
    asked = "40 of 90 users, drawn at random."
    assert "drawn at random" not in shown_text(factor_page(1, view="Model"))
    record = json.loads((with_run.root / "runs" / RUN / "out" / "run.json").read_text())
    change_record(with_run, RUN, stability=record["stability"] | {"users": 40, "of_users": 90})
    assert f"Verdicts rest on {asked}" in shown_text(factor_page(1, view="All factors"))
    # Of the number of factors, where the run chose it, and of all factors together.
    chosen = 1 + bool(record["factor_model"].get("choice"))
    assert shown_text(factor_page(1, view="Model")).count(f" Among {asked}") == chosen


def test_rows_say_what_both_ends_are_about_as_text(with_words: Store) -> None:
    said = shown_text(factor_page(0, view="All factors"))
    assert "reviews say “zebra”" in said and "no clear meaning" in said
    drawn = [element.value for element in factor_page(1, view="All factors").markdown]
    assert not any("<b>" in text and "\\<b" not in text for text in drawn)


def test_each_row_has_a_small_histogram_and_whole_titles(with_run: Store) -> None:
    out = with_run.root / "runs" / RUN / "out"
    films = pd.read_parquet(out / "factors.parquet")
    films["title"] = [
        f"Film {film} {'of a long title ' * 9}"[:LONGEST_TITLE].strip() for film in films.film_id
    ]
    films.to_parquet(out / "factors.parquet")
    names = {factor: f"Name {factor} {'goes on ' * 20}"[:LONGEST].strip() for factor in range(4)}
    write_names(out, names)
    rows = factor_page(0, view="All factors").get("flex_container")
    texts = {
        factor: "\n".join(
            str(part.proto.body if part.type == "html" else getattr(part, "value", "")).replace("\\", "")
            for part in in_order(row)
        )
        for row in rows
        for factor in names
        if row.proto.id.endswith(f"row of factor {factor}")
    }
    rated = films[films.ratings >= 20]
    assert len(texts) == 4
    for factor, text in texts.items():
        assert names[factor] in text and text.count('<img class="small-histogram"') == 1
        assert f"on factor {factor}, the high end on the left" in text
        ordered = rated.sort_values(f"weight_{factor}").title.tolist()
        assert all(title in text for title in (*ordered[:3], *ordered[-3:]))
        assert "…" not in text
