"""Options of the command line that are made from the settings."""

from pathlib import Path

import pytest
import typer

from core.cli.app import app, main, one_value_each
from core.settings import RunSettings, SelectionSettings
from core.store import Store


def test_an_option_of_a_setting_tells_its_meaning_range_and_the_default_of_each_preset() -> None:
    command = typer.main.get_command(app).commands["run"]  # type: ignore[attr-defined]
    helps = {parameter.name: parameter.help for parameter in command.params}
    films = SelectionSettings.meaning("films")
    assert helps["films"] == f"{films} From 2 to 10,000. Default: 20; starter 100."
    assert helps["top"].endswith("Default: 5; starter 2; accurate 2; stable 2.")
    assert helps["seed"].startswith(RunSettings.meaning("seed"))


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
@pytest.mark.parametrize("value", ["", "a\0b"])
def test_names_that_no_file_has_are_refused_in_a_sentence(
    words: str,
    value: str,
    store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("FACTORSCOPE_CACHE", str(store.root))
    # An empty name may not lead to the folder of the command, which could be taken where it is empty too.
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    assert main([word.format(value) for word in words.split()]) == 2
    # Behind the lines of progress.
    refusal = capfd.readouterr().err.splitlines()[-1]
    assert refusal.startswith(("factorscope: ", "python -m core")) and "None" not in refusal
    assert list((tmp_path / "empty").rglob("*.json")) == []
