"""The dashboard's server, and visitors who speak to it as a browser does, without one."""

import contextlib
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from support.ports import free_port
from websockets.sync.client import ClientConnection, connect

from faults.forks import ENVIRONMENT, ROOT

PATIENCE = 300.0
"""Seconds until an answer that does not come is a failure."""
FINISHED = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
PAGES = ("", "Train", "Factors", "Reviews", "Predictions", "Try_a_review")


class Server:
    """A server of the dashboard for one cache folder."""

    def __init__(self, cache: Path, log: Path) -> None:
        self.port = free_port()
        self._log = log.open("ab")
        self.log = log
        self.process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(self.port)],
            cwd=ROOT,
            env=os.environ | ENVIRONMENT | {"FACTORSCOPE_CACHE": str(cache)},
            stdout=self._log,
            stderr=self._log,
        )
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise TimeoutError(f"no server within {PATIENCE} s; see {log}")

    def end(self) -> None:
        """Kill it."""
        self.process.kill()
        self.process.wait()
        self._log.close()


class Visitor:
    """One session: opens pages, fills fields and presses buttons, and reads what is shown."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._fields: dict[str, tuple[str, str]] = {}
        """Label, and key -> id and fragment of the fields and buttons of the page."""
        self.exceptions: list[str] = []
        """Of all pages so far."""

    def open(self, page: str, **query: str) -> str:
        """Open a page by a link, and return its text."""
        message = BackMsg()
        message.rerun_script.page_name = page
        message.rerun_script.query_string = "&".join(f"{key}={value}" for key, value in query.items())
        self._fields.clear()
        return self._asked(message)

    def use(self, page: str, button: str, **texts: str) -> str:
        """Fill fields of the page by label, press a button, and return the text of the page."""
        message = BackMsg()
        state = message.rerun_script
        state.page_name = page
        for label, text in texts.items():
            state.widget_states.widgets.add(id=self._fields[label][0], string_value=text)
        field, state.fragment_id = self._fields[button]
        state.widget_states.widgets.add(id=field, trigger_value=True)
        return self._asked(message)

    def _asked(self, message: BackMsg) -> str:
        self._connection.send(message.SerializeToString())
        texts: list[str] = []
        until = time.monotonic() + PATIENCE
        while True:
            answer = ForwardMsg()
            answer.ParseFromString(self._connection.recv(until - time.monotonic()))  # type: ignore[arg-type]
            kind = answer.WhichOneof("type")
            if kind == "script_finished":
                if answer.script_finished in FINISHED:
                    return "\n".join(texts)
            elif kind == "delta" and answer.delta.WhichOneof("type") == "new_element":
                self._hear(answer, texts)

    def _hear(self, answer: ForwardMsg, texts: list[str]) -> None:
        element = answer.delta.new_element
        kind = element.WhichOneof("type")
        part = getattr(element, kind)
        if kind == "exception":
            self.exceptions.append(f"{part.type} {part.message}")
        if kind in ("button", "text_area", "text_input"):
            key = part.id.split("-", 2)[-1]
            self._fields[part.label] = self._fields[key] = (part.id, answer.delta.fragment_id)
        texts.extend(str(getattr(part, name)) for name in ("body", "label") if hasattr(part, name))


@contextlib.contextmanager
def visit(server: Server) -> Iterator[Visitor]:
    """Yield a new session with a server."""
    address = f"ws://127.0.0.1:{server.port}/_stcore/stream"
    streamlit: Any = {"subprotocols": ["streamlit"], "origin": f"http://127.0.0.1:{server.port}"}
    with connect(address, **streamlit, max_size=None, open_timeout=PATIENCE) as connection:
        yield Visitor(connection)


def megabytes(pid: int, most: bool = False) -> float:
    """Return the memory that a process has, or the most that it had; 0 where it has ended."""
    name = "VmHWM" if most else "VmRSS"
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    found = re.search(rf"{name}:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


def children(pid: int, word: str) -> list[int]:
    """Return the child processes of a process with a word on their command line."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, IndexError):
            parent = int(path.read_text().rpartition(")")[2].split()[1])
            if parent == pid and word in (path.parent / "cmdline").read_text():
                found.append(int(path.parent.name))
    return found
