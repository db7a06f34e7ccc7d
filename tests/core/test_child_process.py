"""A process that may have read tables ends as it means to: nothing is taken down under Arrow's threads."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.command_line import ROOT

from core import child_process
from core.child_process import FileQuestion, ask_about_file
from core.errors import CannotAnswer

TAKEN_DOWN = """
import atexit, os, runpy, sys
atexit.register(os.abort)
sys.argv[1:] = {words}
runpy.run_module({module!r}, run_name="__main__")
"""
QUESTION = {"name": "mine.csv", "size": 24, "attached": 0}


@pytest.mark.parametrize(
    ("module", "words", "code"),
    [
        ("core", ["sources", "--json"], 0),
        ("core", ["coverage", "--ratings", "nowhere.csv", "--reviews", "sample"], 2),
        ("core.uploads.inspection", [], 0),
    ],
)
def test_nothing_is_taken_down(tmp_path: Path, module: str, words: list[str], code: int) -> None:
    (tmp_path / "mine.csv").write_text("user,film,rating\na,b,3\n")
    content = {"aspect": "first rows", "holds": "ratings", "root": str(tmp_path)}
    content["path"] = str(tmp_path / "mine.csv")
    done = subprocess.run(
        [sys.executable, "-c", TAKEN_DOWN.format(words=words, module=module)],
        cwd=ROOT,
        env=os.environ | {"FACTORSCOPE_CACHE": str(tmp_path)},
        input=json.dumps(QUESTION | {"content": content}) + "\n",
        capture_output=True,
        text=True,
    )
    assert done.returncode == code, done.stderr
    assert json.loads(done.stdout) if code == 0 else "nowhere.csv" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize("number", [signal.SIGABRT, signal.SIGKILL, signal.SIGSEGV])
def test_a_child_that_dies_by_a_signal_is_told_in_a_sentence(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a library of Arrow's finds no memory, or the system has none left."""
    (tmp_path / "dying.py").write_text(f"import os\nos.kill(os.getpid(), {int(number)})\n")
    monkeypatch.setattr(child_process, "ROOT", tmp_path)
    with pytest.raises(
        CannotAnswer, match=r"the process that reads mine.csv ended, perhaps for want of memory"
    ):
        ask_about_file(FileQuestion("dying", "mine.csv", 1, {}), tmp_path)
