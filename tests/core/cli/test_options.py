"""Options of the command line that are made from the settings."""

from pathlib import Path

import pytest
import typer

from core.cli.app import app, main, one_value_each
from core.settings import RunSettings, SelectionSettings
from core.store import Store
from core.training.processor import cores, refuse_odd_threads, workers


def test_an_option_of_a_setting_tells_its_meaning_range_and_the_default_of_each_preset() -> None:
    command = typer.main.get_command(app).commands["run"]  # type: ignore[attr-defined]
    helps = {parameter.name: parameter.help for parameter in command.params}
    films = SelectionSettings.meaning("films")
    assert helps["films"] == f"{films} From 2 to 10,000. Default: 20; starter 100."
    assert helps["top"].endswith("Default: 5; starter 2; accurate 2; stable 2.")
    assert helps["seed"].startswith(RunSettings.meaning("seed"))
    assert helps["preset_name"].endswith(" for a GPU. Default: quick.")


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("--exclude-factor 0 3 --seed 7", "--exclude-factor 0 --exclude-factor 3 --seed 7"),
        ("--exclude-factor 0 --exclude-factor 3", "--exclude-factor 0 --exclude-factor 3"),
        ("--exclude-factor=0 -1", "--exclude-factor=0 --exclude-factor -1"),
        ("--exclude-factor 0 stray 3", "--exclude-factor 0 stray 3"),
    ],
)
def test_factors_may_be_listed_after_one_option(words: str, read: str) -> None:
    assert one_value_each(words.split()) == read.split()


@pytest.mark.parametrize(
    "words",
    [
        "run --out {}",
        "run --ratings {} --out D",
        "run --reviews {} --out D",
        "check --ratings {}",
        "check --reviews {}",
        "check --reviews planted --ratings-for {}",
        "predict --run D --file {}",
        "evaluate --run {}",
        "keep {} --columns user=user",
        "sources --remove {}",
        "train-language-model --ratings planted --reviews planted --out {}",
    ],
)
def test_empty_names_are_refused_in_a_sentence(
    words: str,
    store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("FACTORSCOPE_CACHE", str(store.root))
    # An empty name may not lead to the folder of the command, which could be taken where it is empty too.
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    assert main([word.format("") for word in words.split()]) == 2
    # Behind the lines of progress.
    refusal = capfd.readouterr().err.splitlines()[-1]
    assert refusal.startswith(("factorscope: ", "python -m core")) and "None" not in refusal
    assert list((tmp_path / "empty").rglob("*.json")) == []


@pytest.mark.parametrize("value", ["0", "-3", "abc", "1e9", " ", "4;2", "٣", "9" * 5000])
def test_odd_numbers_of_threads_are_refused_in_a_sentence(
    value: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", value)
    assert main(["fetch", "nothing"]) == 2
    (refusal,) = capfd.readouterr().err.splitlines()
    assert refusal.startswith("factorscope: OMP_NUM_THREADS=") and "is no number of threads" in refusal
    # Of the pages, as where nothing is asked for.
    assert workers() == cores()


@pytest.mark.parametrize(
    ("value", "number"), [("1", 1), (" 1 ", 1), ("1,2", 1), ("100000", None), ("", None)]
)
def test_numbers_of_threads_are_read_as_openmp_does(
    value: str, number: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", value)
    refuse_odd_threads()
    assert workers() == (number or cores())
