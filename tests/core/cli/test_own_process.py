"""The process of a command ends in any way, and the one that the user started tells it."""

import contextlib
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from support.command_line import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a command is no child but on Linux")
ABORTING = """
import os, runpy, sys, threading
import core.memory

def in_a_thread(*_):
    threading.Thread(target=os.abort).start()
    threading.Event().wait()

core.memory.bounded_memory = in_a_thread
sys.argv[1:] = {words}
runpy.run_module("core", run_name="__main__")
"""
WORKING = """
import os, signal, sys, time
from core.cli.own_process import in_own_process

# As from a terminal, whatever started these tests.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

def work():
    {work}

sys.exit(in_own_process(work))
"""
WAITING = """
    try:
        print(os.getpid(), flush=True)
        time.sleep(60)
    except KeyboardInterrupt:
        print("stopped", flush=True)
    return 2
"""
"""Work that prints the number of its process, and that it was interrupted."""
SENTENCE = "factorscope: the process ended by {}, perhaps for want of memory"
OF_RATINGS = "user,film,rating\na,b,3\n"


def begin(work: str, before: Sequence[str] = (), start_new_session: bool = False) -> "subprocess.Popen[str]":
    """Start a process whose child does some work; `before` are the words before its own."""
    return subprocess.Popen(
        [*before, sys.executable, "-c", WORKING.format(work=work)],
        start_new_session=start_new_session,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def child_of(process: "subprocess.Popen[str]") -> int:
    assert process.stdout is not None
    return int(process.stdout.readline())


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize(
    "words",
    [
        ["check", "--reviews", "{}/mine.csv"],
        ["run", "--ratings", "{}/mine.csv", "--reviews", "planted", "--out", "{}/out"],
        ["predict", "--run", "{}", "--file", "{}/mine.csv"],
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_an_abort_in_a_thread_of_a_library_is_told_in_a_sentence(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text(OF_RATINGS)
    done = subprocess.run(
        [sys.executable, "-c", ABORTING.format(words=[word.format(tmp_path) for word in words])],
        cwd=ROOT,
        env=os.environ | {"FACTORSCOPE_CACHE": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2, done.stderr
    assert done.stderr.splitlines()[-1].startswith(SENTENCE.format("SIGABRT"))
    assert "Traceback" not in done.stderr and not done.stdout


@pytest.mark.parametrize("name", ["SIGKILL", "SIGSEGV"])
def test_a_child_that_the_system_kills_is_told_in_a_sentence(name: str) -> None:
    out, err = (process := begin(f"os.kill(os.getpid(), {int(signal.Signals[name])})")).communicate()
    assert process.returncode == 2 and err.startswith(SENTENCE.format(name)) and err.count("\n") == 1


@pytest.mark.parametrize("code", [0, 1, 2])
def test_the_exit_status_is_that_of_the_child(code: int) -> None:
    process = begin(f"return {code}")
    assert process.communicate() == ("", "") and process.returncode == code


def test_an_interrupt_of_the_parent_reaches_the_child_once() -> None:
    process = begin(WAITING)
    child_of(process)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert (process.returncode, out, err) == (2, "stopped\n", "")


def test_an_interrupt_of_the_group_reaches_the_child_once() -> None:
    """As of `timeout -s INT`: it comes to the child at once, and by way of its parent."""
    cleaning = WAITING.replace(
        'print("stopped", flush=True)', 'time.sleep(0.5); print("stopped", flush=True)'
    )
    process = begin(cleaning, start_new_session=True)
    child_of(process)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate()
    assert (process.returncode, out, err) == (2, "stopped\n", "")


def test_the_end_of_a_child_is_noticed_where_such_signals_were_ignored() -> None:
    ignoring = ["sh", "-c", "trap '' CHLD; exec \"$@\"", "sh"]
    process = begin("return 2", before=ignoring)
    assert process.communicate(timeout=60) == ("", "") and process.returncode == 2


def test_the_end_of_the_terminal_is_that_of_the_child() -> None:
    pid, terminal = pty.fork()
    if not pid:
        os.chdir(ROOT)
        os.execv(sys.executable, [sys.executable, "-c", WORKING.format(work=WAITING)])
    child = int(os.read(terminal, 100).split()[0])
    os.close(terminal)
    ended, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == -signal.SIGHUP
    with contextlib.suppress(OSError):
        assert not is_alive(child)


def test_ctrl_c_reaches_the_child_once() -> None:
    pid, terminal = pty.fork()
    if not pid:
        os.chdir(ROOT)
        os.execv(sys.executable, [sys.executable, "-c", WORKING.format(work=WAITING)])
    os.read(terminal, 100)
    os.write(terminal, b"\x03")
    ended, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 2
    assert os.read(terminal, 100).decode().split() == ["^Cstopped"]
    os.close(terminal)


def test_the_end_of_the_parent_is_that_of_the_child() -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        process = begin(WAITING)
        child = child_of(process)
        process.send_signal(number)
        assert process.wait() == -number
        until = time.monotonic() + 20
        while is_alive(child) and time.monotonic() < until:
            time.sleep(0.01)
        assert not is_alive(child)
        process.communicate()
