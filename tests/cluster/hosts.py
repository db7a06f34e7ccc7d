"""Machines on one network: each is a set of Linux namespaces, with its own address, name, processes and /dev/shm.

The bridge between them lies in a namespace of its own, so nothing shows on the network of this machine. All of it
ends with the process that made it, however that ends: a host's first process is killed with its parent, and the
kernel kills all others of the host and deletes its devices with it.
"""

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "cluster.md").read_text(encoding="utf-8")
"""What is done on the hosts."""
PATIENCE = 600.0
"""Seconds until what does not come is a failure."""
NETWORK = "10.77.0"
FIRST_PROCESS = """
hostname "$1" && mount -t tmpfs tmpfs /dev/shm && ip link set lo up && echo ready || exit 1
trap "" TERM INT
while :; do sleep 3600 & wait $!; done
"""
"""Of a host: it collects the processes whose parents have ended, as the first process of a machine does."""
CLONE_NEWNET = 0x40000000


def wait_for(ready: Callable[[], object], seconds: float = PATIENCE) -> None:
    until = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < until, "never came"
        time.sleep(0.1)


class Host:
    """A machine: programs are started on it, it is killed, and its network is cut."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._programs: list[Program] = []
        self._unshared = subprocess.Popen(
            [
                *("setpriv", "--pdeathsig", "KILL", "unshare", "--net", "--uts", "--ipc", "--pid", "--mount"),
                *(
                    "--fork",
                    "--mount-proc",
                    "--kill-child=SIGKILL",
                    "bash",
                    "-c",
                    FIRST_PROCESS,
                    "bash",
                    name,
                ),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._unshared.stdout and self._unshared.stderr
        if self._unshared.stdout.readline() != "ready\n":
            pytest.skip(f"no namespaces can be made here: {self._unshared.stderr.read().strip()}")
        self.pid = child_of(self._unshared.pid)
        """Of its first process, as this machine counts them."""

    def words(self, *words: str | Path, user: str | None = None) -> list[str]:
        """Return the command line that does a command on this host, in the folder of the project."""
        became = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user else []
        inside = ["nsenter", f"--target={self.pid}", "--net", "--uts", "--ipc", "--pid", "--mount"]
        return [*inside, "--", "env", f"--chdir={ROOT}", *became, *map(str, words)]

    def call(self, *words: str | Path, **environment: str) -> "subprocess.CompletedProcess[str]":
        """Do a command, and return what it printed and how it ended."""
        return subprocess.run(
            self.words(*words),
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def start(self, log: Path, *words: str | Path, **environment: str) -> "Program":
        """Start a program, which writes all that it prints to a file."""
        with log.open("ab") as file:
            entered = subprocess.Popen(
                self.words(*words),
                env=os.environ | environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
            )
        self._programs.append(Program(entered))
        return self._programs[-1]

    @contextlib.contextmanager
    def inside(self) -> Iterator[None]:
        """Have the connections that this thread opens within the block come from this host, as long as they last."""
        libc = ctypes.CDLL(None, use_errno=True)
        with Path("/proc/thread-self/ns/net").open() as ours, Path(f"/proc/{self.pid}/ns/net").open() as its:
            assert libc.setns(its.fileno(), CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
            try:
                yield
            finally:
                libc.setns(ours.fileno(), CLONE_NEWNET)

    @property
    def is_up(self) -> bool:
        return self._unshared.poll() is None

    def kill(self) -> None:
        """Kill the host with all its processes at once, as a loss of power does."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self._unshared.communicate()
        for program in self._programs:
            program.wait()


class Program:
    """A program on a host."""

    def __init__(self, entered: "subprocess.Popen[bytes]") -> None:
        self._entered = entered
        self.pid = child_of(entered.pid)

    def poll(self) -> int | None:
        return self._entered.poll()

    def wait(self) -> int:
        return self._entered.wait()

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send it a signal, and return how it ended."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)
        return self.wait()


class Network:
    """Hosts on one bridge."""

    def __init__(self) -> None:
        self._bridge = Host("bridge")
        self.hosts: dict[str, Host] = {}
        self._ip(self._bridge, "link add bridge type bridge")
        self._ip(self._bridge, "link set bridge up")

    def add(self, name: str) -> Host:
        """Return a new host; one of this name may have been killed before."""
        host = self.hosts[name] = Host(name)
        self._ip(self._bridge, f"link add to-{name} type veth peer name eth0 netns {host.pid}")
        self._ip(self._bridge, f"link set to-{name} master bridge up")
        self._ip(host, f"addr add {address_of(name)}/24 dev eth0")
        self._ip(host, "link set eth0 up")
        return host

    def is_up(self, name: str) -> bool:
        return name in self.hosts and self.hosts[name].is_up

    def cut(self, host: Host) -> None:
        """Pull the host's cable."""
        self._ip(self._bridge, f"link set to-{host.name} down")

    def mend(self, host: Host) -> None:
        self._ip(self._bridge, f"link set to-{host.name} up")

    def end(self) -> None:
        for host in (*self.hosts.values(), self._bridge):
            host.kill()

    def _ip(self, host: Host, words: str) -> None:
        # In its network alone: the processes of another host have other numbers inside.
        subprocess.run(["nsenter", f"--target={host.pid}", "--net", "ip", *words.split()], check=True)


@contextlib.contextmanager
def network() -> Iterator[Network]:
    """Yield a network, whose hosts end with the block; skip where none can be made."""
    if os.geteuid() != 0:
        pytest.skip("only root can make hosts of namespaces")
    missing = [word for word in ("ip", "unshare", "nsenter", "setpriv") if not shutil.which(word)]
    if missing:
        pytest.skip(f"no hosts of namespaces without {', '.join(missing)}; `make test-cluster` installs them")
    made = Network()
    try:
        yield made
    finally:
        made.end()


def address_of(name: str) -> str:
    """Return the address of a host.

    >>> address_of("a"), address_of("c")
    ('10.77.0.1', '10.77.0.3')
    """
    return f"{NETWORK}.{ord(name) - ord('a') + 1}"


def child_of(pid: int) -> int:
    """Return the only child of a process that has just begun; its own number where it has ended before."""
    path = Path(f"/proc/{pid}/task/{pid}/children")
    while True:
        with contextlib.suppress(OSError):
            if found := path.read_text().split():
                return int(found[0])
            if "Z" in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]:
                return pid
