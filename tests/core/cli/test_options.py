"""Options of the command line that are made from the settings."""

import pytest
import typer

from core.cli.app import app, one_value_each
from core.settings import RunSettings, SelectionSettings


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
