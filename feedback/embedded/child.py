"""Runs a program that must not outlive its parent: `python child.py PARENT SIGNAL USER GROUP PROGRAM ARGUMENT ...`

PARENT is the process to die with, SIGNAL what the program gets when that one is gone, USER and GROUP the numbers to
become, or `-` for no change. Run by its path, before anything is importable: nothing but the standard library here.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time

PR_SET_PDEATHSIG = 1


def become(user: int, group: int) -> None:
    """Drop root's rights for good, in the one order that works."""
    os.setgroups([])
    os.setgid(group)
    os.setuid(user)


def exec_bound(parent: int, death_signal: int, program: list[str]) -> None:
    """Linux: the kernel sends the signal the moment the parent is gone. It forgets the wish when rights change,
    so they are dropped before; and a parent that died meanwhile is noticed by its number."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0):
        sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
    if os.getppid() != parent:
        sys.exit("the parent is gone already")
    os.execv(program[0], program)


def watch_over(parent: int, death_signal: int, program: list[str]) -> int:
    """Elsewhere: stay between the two, pass signals on, and look four times a second whether the parent lives."""
    child = subprocess.Popen(program)
    for number in (signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: child.send_signal(received))
    signal.signal(signal.SIGINT, lambda received, _frame: child.send_signal(received))
    while child.poll() is None:
        if os.getppid() != parent:
            child.send_signal(death_signal)
            return child.wait()
        time.sleep(0.25)
    return child.returncode


def main(arguments: list[str]) -> int:
    parent, death_signal, (user, group) = int(arguments[0]), int(arguments[1]), arguments[2:4]
    if user != "-":
        become(int(user), int(group))
    if sys.platform == "linux":
        # A terminal's Ctrl-C is the supervisor's business; programs with a handler of their own set it again.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        exec_bound(parent, death_signal, arguments[4:])
    return watch_over(parent, death_signal, arguments[4:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
