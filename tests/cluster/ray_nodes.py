"""Nodes of Ray on hosts, as docs/cluster.md starts them: with the token alone, a core each."""

import json
import re
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from cluster.hosts import PAGE, Host, Program, address_of, wait_for

TOKEN = "0123456789abcdef" * 4
"""Without it nobody may do anything with Ray."""
RAY = Path(sys.executable).with_name("ray")
TIMELINE = """
import json, ray
ray.init("auto", logging_level="ERROR", log_to_driver=False)
print(json.dumps([event["pid"] for event in ray.timeline() if event["cat"] == "task::do_shard"]))
"""
"""A program that prints the address of the node of each shard that ended well."""


class RayNodes:
    """A head, and nodes with one core each; without any, all is as on a machine without Ray."""

    def __init__(self, host: Callable[[str], Host], folder: Path) -> None:
        self._host, self._folder = host, folder
        self._head: Program | None = None
        self.environment: dict[str, str] = {}
        """What workers are told of it."""

    def start(self, name: str, core: int) -> None:
        """Start Ray on a host, on one core of this machine: the head on A, else a node."""
        host, files, log = self._host(name), self._folder / f"{name}-ray", self._folder / f"{name}-ray.log"
        for folder in (Path("/tmp/ray"), files):
            folder.mkdir(exist_ok=True)
        # Each host has files of its own there, and they are looked through for secrets.
        assert host.call("mount", "--bind", files, "/tmp/ray").returncode == 0
        words = (*ray_words(name), "--object-store-memory=80000000")
        started = host.start(log, "taskset", "-c", str(core), RAY, *words, **token_of_page())
        if name == "a":
            self._head = started
        wait_for(lambda: started.poll() is not None or "Ray runtime started" in log.read_text())
        assert started.poll() is None, log.read_text()
        self.environment = {**token_of_page(), "FACTORSCOPE_RAY": "auto"}

    def shards(self) -> Counter[str]:
        """Return how many shards the node of each host has done, by the head's record of them."""
        told = self._host("a").call(sys.executable, "-c", TIMELINE, **token_of_page())
        assert told.returncode == 0, told.stderr
        names = {address_of(name): name for name in "abc"}
        return Counter(names[node] for node in json.loads(told.stdout.splitlines()[-1]))

    def environments(self, name: str) -> list[str]:
        """Return the environments of Ray's processes on a host, those that do shards among them."""
        found = []
        for number in self._host(name).call("ls", "/proc").stdout.split():
            if number.isdecimal():
                command, environment = (
                    self._host(name).call("cat", f"/proc/{number}/{file}").stdout
                    for file in ("cmdline", "environ")
                )
                if "raylet" in command or "ray::" in command:
                    found.append(environment)
        return found

    def end(self) -> None:
        """End the head; the others end with their hosts."""
        if self._head is not None:
            self._head.end()
            self._host("a").call("umount", "--lazy", "/tmp/ray")


def ray_words(name: str) -> list[str]:
    """Return what docs/cluster.md has after `ray` for a host, with our addresses, and one core."""
    head, node = re.findall(r"^\.venv/bin/ray (start (?:.*\\\n)+.*)$", PAGE, re.MULTILINE)
    words = head if name == "a" else node.replace("--num-cpus=8", "--num-cpus=1")
    words = words.replace("10.0.0.1", address_of("a")).replace("10.0.0.2", address_of(name))
    return words.replace("\\\n", " ").split()


def token_of_page() -> dict[str, str]:
    """Return the environment that docs/cluster.md gives to nodes, with our token."""
    (lines,) = re.findall(r"/etc/factorscope-ray\.env`\):\n\n +```\n(.*?)\n +```", PAGE, re.DOTALL)
    pairs = dict(line.strip().split("=") for line in lines.splitlines())
    return {name: TOKEN if value == "…" else value for name, value in pairs.items()}
