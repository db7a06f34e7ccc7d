"""The command line in a process of its own, so that one sentence tells its end, whatever ends it.

At the end of its memory a thread of a library may abort the process, and the system may kill it: then none of its own
code can say so. The process that the user started waits, passes signals on, and says it.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PASSED_ON = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)
LACK_OF_MEMORY = (signal.SIGABRT, signal.SIGBUS, signal.SIGKILL, signal.SIGSEGV)
"""Signals by which a process ends that finds no memory, or that the system ends for want of it."""
PR_SET_PDEATHSIG = 1
"""Of the system call prctl: the signal that a process gets when its parent ends."""
SI_KERNEL = 0x80
"""Sender of a signal that no process sent."""


def in_own_process(work: Callable[[], int]) -> int:
    """Return the exit status of `work`, which a child process does; 2 after a sentence if want of memory ended it.

    Where another signal ended the child, end by the same. Elsewhere than on Linux the child could outlive its parent,
    so that there this process does the work.
    """
    if sys.platform != "linux":
        return work()
    awaited = {*PASSED_ON, signal.SIGCHLD}
    signal.pthread_sigmask(signal.SIG_BLOCK, awaited)
    parent, child = os.getpid(), os.fork()
    if not child:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, awaited)
        return work()
    return _told(_end_of(child, awaited))


def _end_of(child: int, awaited: set[signal.Signals]) -> int:
    """Return the exit status of a child, or the number of the signal that ended it, negative; pass signals on."""
    while True:
        came = signal.sigwaitinfo(awaited)
        if came.si_signo == signal.SIGCHLD:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                return os.waitstatus_to_exitcode(status)
        elif came.si_code != SI_KERNEL:
            # What comes from the terminal, the child has too.
            os.kill(child, came.si_signo)


def _told(code: int) -> int:
    """Return the exit status to end with; end by the signal that ended the child, but for want of memory."""
    if code >= 0:
        return code
    if -code in LACK_OF_MEMORY:
        name = signal.Signals(-code).name
        print(
            f"factorscope: the process ended by {name}, perhaps for want of memory; free some or give less data, and "
            "start again: what was finished is kept",
            file=sys.stderr,
        )
        return 2
    signal.signal(-code, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {-code})
    os.kill(os.getpid(), -code)
    return 128 - code
