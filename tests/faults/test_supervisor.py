"""Whatever ends the supervisor, nothing that it started is left running."""

import json
import os
import signal
from uuid import uuid4

import pytest

from tests.processes import Program, alive, left_running, program, python

pytestmark = pytest.mark.faults

# A child says that it lives by making the file HERE, and then does nothing for a long time.
POLITE = "open(HERE, 'w').close(); time.sleep(600)"
DEAF = "[signal.signal(n, signal.SIG_IGN) for n in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)]; " + POLITE
WITH_A_CHILD = "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); " + POLITE
# As gunicorn and Celery do, it has handlers of its own.
SAYS_WHAT_IT_GETS = (
    "signal.signal(signal.SIGINT, lambda *_: print('interrupted', flush=True)); "
    "signal.signal(signal.SIGTERM, lambda *_: sys.exit(print('goodbye', flush=True))); "
) + POLITE

SUPERVISOR = """
import json, signal, sys
from pathlib import Path
from feedback.embedded import children
from feedback.embedded.supervisor import Process, supervise

given = json.loads(sys.argv[1])
folder = Path(given["folder"])

def argv(name, code):
    here = str(folder / name)
    return [sys.executable, "-c", f"import signal, subprocess, sys, time; HERE = {here!r}; {code}"]

def process(name, code):
    return Process(
        name,
        argv(name, code),
        ready=(folder / name).exists,
        death_signal=signal.Signals(given["death_signal"]),
        patience=given["patience"],
    )

beside = {name: children.start(argv(name, code)) for name, code in given["beside"].items()}
sys.exit(
    supervise(
        [process(name, code) for name, code in given["processes"].items()],
        beside=beside,
        on_ready=lambda: print("all are ready", flush=True),
    )
)
"""


@pytest.fixture
def supervisor(tmp_path):
    """Starts a supervisor of the given children (name -> Python code) and waits until all are ready."""
    opened = []

    def start(processes, *, beside=None, death_signal=signal.SIGTERM, patience=20) -> Program:
        given = {
            "folder": str(tmp_path),
            "processes": processes,
            "beside": beside or {},
            "death_signal": int(death_signal),
            "patience": patience,
        }
        context = program(
            python("-c", SUPERVISOR, json.dumps(given)),
            output=tmp_path / "output",
            marks=(f"answerback-{uuid4().hex}",),
        )
        opened.append(context)
        running = context.__enter__()
        running.wait_to_say("all are ready")
        for name in beside or {}:
            running.wait_for((tmp_path / name).exists, f"sign of life of {name}")
        return running

    yield start
    for context in opened:
        context.__exit__(None, None, None)


def kill(running: Program, name: str) -> None:
    """Kill one of its children outright."""
    [child] = [one for one in running.children() if any(f"/{name}'" in part for part in one.cmdline())]
    child.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_told_to_stop_it_stops_everything(supervisor, number):
    running = supervisor({"web": POLITE, "worker": POLITE})
    running.signal(number)
    assert running.ended() == 0, running.said
    assert left_running(running.marks) == []


def test_ctrl_c_at_the_terminal_reaches_the_children_by_the_supervisor_alone(supervisor):
    """A terminal sends Ctrl-C to all of its foreground; the children are no part of that, and end in good order."""
    running = supervisor({"web": SAYS_WHAT_IT_GETS})
    os.killpg(running.process.pid, signal.SIGINT)
    assert running.ended() == 0, running.said
    assert "goodbye" in running.said
    assert "interrupted" not in running.said
    assert left_running(running.marks) == []


def test_pressed_twice_it_still_stops_in_good_order(supervisor):
    running = supervisor({"web": SAYS_WHAT_IT_GETS})
    running.signal(signal.SIGINT)
    running.signal(signal.SIGINT)
    assert running.ended() == 0, running.said
    assert left_running(running.marks) == []


def test_killed_outright_it_takes_its_children_along(supervisor):
    running = supervisor({"web": POLITE, "worker": POLITE})
    running.signal(signal.SIGKILL)
    assert running.ended() == -signal.SIGKILL
    assert left_running(running.marks) == []


def test_killed_outright_it_takes_along_who_does_not_listen(supervisor):
    running = supervisor({"worker": DEAF}, death_signal=signal.SIGKILL)
    running.signal(signal.SIGKILL)
    assert running.ended() == -signal.SIGKILL
    assert left_running(running.marks) == []


def test_a_child_that_does_not_listen_is_killed_after_its_patience(supervisor):
    running = supervisor({"web": POLITE, "worker": DEAF}, patience=0.3)
    running.signal(signal.SIGTERM)
    assert running.ended() == 0, running.said
    assert left_running(running.marks) == []


def test_what_a_child_started_goes_with_it(supervisor):
    running = supervisor({"web": WITH_A_CHILD})
    assert len(alive(running.marks)) == 3  # the supervisor, its child, and the child's
    running.signal(signal.SIGTERM)
    assert running.ended() == 0, running.said
    assert left_running(running.marks) == []


def test_a_childs_death_stops_all_and_is_named(supervisor):
    running = supervisor({"web": POLITE, "worker": POLITE})
    kill(running, "worker")
    assert running.ended() == 1
    assert "worker ended by itself" in running.said
    assert left_running(running.marks) == []


def test_the_death_of_one_started_earlier_stops_all(supervisor):
    """The database server is started before the processes that need it, and watched like them."""
    running = supervisor({"web": POLITE}, beside={"postgres": POLITE})
    kill(running, "postgres")
    assert running.ended() == 1
    assert "postgres ended by itself" in running.said
    assert left_running(running.marks) == []
