"""A run whose files are damaged: it is named, with ways on, and spoils no list and no other run."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest
from support.pages import PAGES, ROOT, open_page, press, shown_text
from support.run_folders import RUN, add_run

from core import jobs
from core.results.factor_names import write_names
from core.store import Store, write_manifest

OTHER = "20261124-130000-abcd"
TABLES = (
    "factors",
    "predictions",
    "labelled_reviews",
    "frequencies",
    "top_factors",
    "films",
    "words",
    "coverage",
)


@pytest.fixture
def out(with_run: Store) -> Path:
    """Return the folder of the run's files, with their digests."""
    folder = jobs.run_folder(RUN, with_run)
    write_manifest(folder)
    return folder


def halve(path: Path) -> None:
    """Cut a file to its first half."""
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def flip(path: Path) -> None:
    """Change one byte in the midst of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 255
    path.write_bytes(content)


def link_to_itself(path: Path) -> None:
    """Put a link that leads to itself in the place of a file."""
    path.unlink()
    path.symlink_to(path.name)


@pytest.mark.parametrize("damage", [halve, flip, Path.unlink, link_to_itself])
@pytest.mark.parametrize("table", TABLES)
def test_a_damaged_table_is_told_with_the_ways_on(table: str, damage: Any, out: Path) -> None:
    damage(out / f"{table}.parquet")
    told = 0
    for page in PAGES:
        app = open_page(page)
        assert not app.exception
        for error in app.error:
            assert f"{table}.parquet" in error.value.replace("\\", "")
            assert {"Make it again", "Delete it"} <= {button.label for button in app.button}
            told += 1
    # Older runs lack some tables, so one that is gone may be none that was lost.
    assert told or (damage is Path.unlink and table in ("films", "words", "coverage"))


@pytest.mark.parametrize("damage", [halve, flip, Path.unlink])
def test_a_damaged_record_is_told_on_every_page_that_needs_it(damage: Any, out: Path) -> None:
    damage(out / "run.json")
    for page in PAGES:
        app = open_page(page)
        assert not app.exception
        if page != "pages/1_Train.py":
            assert "run.json" in app.error[0].value.replace("\\", "")
            assert {"Make it again", "Delete it"} <= {button.label for button in app.button}


def test_it_is_made_again_or_deleted(out: Path, with_run: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    queued: list[tuple[str, int]] = []
    monkeypatch.setattr(jobs, "_enqueue", lambda store, run_id, attempt: queued.append((run_id, attempt)))
    halve(out / "factors.parquet")
    app = press(open_page("pages/2_Factors.py"), "Make it again")
    assert queued == [(RUN, 2)] and jobs.status(RUN, with_run).state == "waiting"
    assert not app.error and (out / "factors.parquet").exists()
    # As if it had ended without mending anything.
    progress = out.parent / "progress.json"
    progress.write_text(progress.read_text().replace('"attempt": 1', '"attempt": 2'))
    press(open_page("pages/2_Factors.py"), "Delete it")
    assert jobs.runs(with_run) == []


@pytest.mark.parametrize("page", PAGES)
def test_a_damaged_run_spoils_no_other(page: str, out: Path, with_run: Store, small_run: Path) -> None:
    add_run(with_run, OTHER, out=small_run)
    for path in out.iterdir():
        if path.is_file():
            halve(path)
    app = open_page(page, run=OTHER)
    assert not app.error and not app.exception
    assert len(jobs.runs(with_run)) == 2


@pytest.mark.parametrize("page", ["app.py", "pages/4_Predictions.py"])
def test_damaged_coverage_of_a_newer_run_spoils_no_other(page: str, with_run: Store, small_run: Path) -> None:
    add_run(with_run, OTHER, out=small_run)
    newer = jobs.run_folder(OTHER, with_run)
    write_manifest(newer)
    halve(newer / "coverage.parquet")
    app = open_page(page, run=RUN)
    assert not app.error and not app.exception


@pytest.mark.parametrize("names", ["{", '{"0": 5}', '{"0": ["a", "b"]}', '["mine"]', " " * 2_000_000])
def test_damaged_names_of_another_run_spoil_nothing(names: str, with_run: Store, small_run: Path) -> None:
    add_run(with_run, OTHER, out=small_run)
    (jobs.run_folder(OTHER, with_run) / "names.json").write_text(names)
    for query in ({"view": "Factor"}, {"view": "Names and downloads"}):
        app = open_page("pages/2_Factors.py", run=RUN, **query)
        assert not app.error
    app = open_page("pages/1_Train.py", part="Compare", of=RUN)
    assert not app.error and "cannot be read" not in shown_text(app)
    assert len(app.dataframe[0].value) == 2


def test_names_are_taken_over_from_no_damaged_run(with_run: Store, small_run: Path) -> None:
    add_run(with_run, OTHER, out=small_run)
    other = jobs.run_folder(OTHER, with_run)
    write_names(other, {0: "mine"})
    halve(other / "run.json")
    app = open_page("pages/2_Factors.py", run=RUN, view="Names and downloads")
    assert not app.error and "Run with names" in [box.label for box in app.selectbox]
    halve(other / "factors.parquet")
    app = open_page("pages/2_Factors.py", run=RUN, view="Names and downloads")
    assert not app.error and "The factors of that run cannot be read" in shown_text(app)


def test_fragments_show_their_errors() -> None:
    """Streamlit handles what a fragment raises before the page's own `errors()` sees it."""
    fragments = {
        f"{path.name}: {function.name}": [ast.unparse(decorator) for decorator in function.decorator_list]
        for path in (ROOT / "pages").rglob("*.py")
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef)
        and any("st.fragment" in ast.unparse(decorator) for decorator in function.decorator_list)
    }
    assert fragments
    assert [name for name, decorators in fragments.items() if decorators[-1] != "errors()"] == []


@pytest.mark.parametrize(
    ("file", "changes"),
    [
        ("progress.json", {"later": 1}),
        (
            "progress.json",
            {"stages": [{"name": "ratings", "done": 1.0, "message": "", "seconds": 1, "later": 1}]},
        ),
        ("progress.json", {"stages": [{"name": "ratings"}]}),
        ("progress.json", {"stages": {"ratings": 1}}),
        ("progress.json", {"started": float("nan"), "finished": float("inf")}),
        ("progress.json", {"state": "unheard of"}),
        ("progress.json", {"attempt": "first"}),
        ("job.json", {"created": float("nan")}),
        ("job.json", {"created": float("inf")}),
        ("job.json", {"later": 1}),
    ],
)
def test_a_damaged_status_stops_no_page(
    file: str, changes: dict[str, Any], out: Path, with_run: Store, small_run: Path
) -> None:
    path = out.parent / file
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    add_run(with_run, OTHER, out=small_run)
    for page in PAGES:
        app = open_page(page, run=OTHER)
        assert not app.error and not app.exception
        assert "Traceback" not in shown_text(app)
