"""The command line in a process of its own, so that one sentence tells its end, whatever ends it.

At the end of its memory a thread of a library may abort the process, and the system may kill it: then none of its own
code can say so. The process that the user started waits, passes signals on, and says it.
"""

import ctypes
import math
import os
import signal
import sys
import time
from collections.abc import Callable

PASSED_ON = ("SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM")
OF_KEYS = ("SIGINT", "SIGQUIT")
"""Signals that keys of the terminal send to all processes before it."""
LACK_OF_MEMORY = ("SIGABRT", "SIGBUS", "SIGKILL", "SIGSEGV")
"""Signals by which a process ends that finds no memory, or that the system ends for want of it."""
PR_SET_PDEATHSIG = 1
"""Of the system call prctl: the signal that a process gets when its parent ends."""
SI_KERNEL = 0x80
"""Sender of a signal that no process sent."""
ONCE_SECONDS = 1.0
"""Interrupts so close together are one, which came to the parent and to the child."""


def in_own_process(work: Callable[[], int]) -> int:
    """Return the exit status of `work`, which a child process does; 2 after a sentence if want of memory ended it.

    Where another signal ended the child, end by the same. Elsewhere than on Linux the child could outlive its parent,
    so that there this process does the work.
    """
    if sys.platform != "linux":
        return work()
    awaited = {*(signal.Signals[name] for name in PASSED_ON), signal.SIGCHLD}
    # Where it is inherited as ignored, nobody tells the end of a child.
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_BLOCK, awaited)
    parent = os.getpid()
    try:
        child = os.fork()
    except OSError:
        # Neither memory nor processes are left for another one.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, awaited)
        return work()
    if not child:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        _interrupt_once()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, awaited)
        return work()
    return _explained(_end_of(child, awaited))


def _interrupt_once() -> None:
    """Let interrupts that are one raise KeyboardInterrupt once, as a second one could cut off the cleaning up."""
    last = -math.inf

    def interrupt(*_: object) -> None:
        nonlocal last
        before, last = last, time.monotonic()
        if last - before > ONCE_SECONDS:
            raise KeyboardInterrupt

    # Where it is ignored, as of a command in the background, it stays so.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, interrupt)


def _end_of(child: int, awaited: set[signal.Signals]) -> int:
    """Return the exit status of a child, or the number of the signal that ended it, negative; pass signals on."""
    while True:
        received = signal.sigwaitinfo(awaited)
        if received.si_signo == signal.SIGCHLD:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                return os.waitstatus_to_exitcode(status)
        elif received.si_code != SI_KERNEL or signal.Signals(received.si_signo).name not in OF_KEYS:
            os.kill(child, received.si_signo)


def _explained(code: int) -> int:
    """Return the exit status to end with; end by the signal that ended the child, but for want of memory."""
    if code >= 0:
        return code
    name = signal.Signals(-code).name
    if name in LACK_OF_MEMORY:
        print(
            f"factorscope: the process ended by {name}, perhaps for want of memory. Free some or give less data, and "
            "start again; what was finished is kept",
            file=sys.stderr,
        )
        return 2
    signal.signal(-code, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {-code})
    os.kill(os.getpid(), -code)
    return 128 - code
