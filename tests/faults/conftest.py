"""The run that nothing disturbs, and the table of the campaign behind the results of the tests."""

import datetime
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.once import made_once

from faults.campaign import SEED, SHARE, TABLE
from faults.forks import Forks, forks
from faults.small import COMMAND, WARM, figures


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table, if the campaign was asked for."""
    if not (SHARE and TABLE):
        return
    today = datetime.datetime.now(tz=datetime.UTC).date()
    terminalreporter.section(f"campaign of {today}, seed {SEED}")
    lines = ["| what | tried | lost | tracebacks | most memory of a process |", "|---|---|---|---|---|"]
    for line in [*lines, *(row.as_markdown for row in TABLE)]:
        terminalreporter.write_line(line)


@pytest.fixture(scope="package")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    with forks(tmp_path_factory.mktemp("forks"), WARM) as started:
        yield started


@pytest.fixture(scope="package")
def undisturbed_run(origin: Forks, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that nothing disturbed: its files in `out`, its `cache`, and the `seconds` that it took."""

    def make(folder: Path) -> None:
        ended = origin.call(COMMAND, str(folder / "out"), FACTORSCOPE_CACHE=str(folder / "cache"))
        assert ended.code == 0, ended.err
        (folder / "seconds").write_text(str(ended.seconds))

    return made_once(tmp_path_factory, "undisturbed", make)


@pytest.fixture(scope="package")
def undisturbed(undisturbed_run: Path) -> tuple[dict[str, str], float]:
    """The figures of a run that nothing disturbed, and how much processor time it took, in seconds."""
    return figures(undisturbed_run / "out"), float((undisturbed_run / "seconds").read_text())
