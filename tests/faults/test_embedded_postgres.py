"""The embedded server: one a data folder, shared by who comes later, gone with who started it, whatever happened."""

import os
import shutil
import signal
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from feedback.embedded import cluster, postgres
from tests.processes import Program, alive, left_running, program, python

pytestmark = pytest.mark.faults

# Keeps the server up until its standard input ends.
KEEPER = """
import sys
from pathlib import Path
from feedback.embedded import cluster, postgres

try:
    with postgres.running(Path(sys.argv[1])):
        print("up", flush=True)
        sys.stdin.read()
except cluster.Unavailable as error:
    sys.exit(f"unavailable: {error}")
"""
Keep = Callable[[Path], Program]


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that every user can reach, as most are; whatever was made in it or for it is removed."""
    folder = Path(tempfile.mkdtemp(prefix="answerback-faults-"))
    folder.chmod(0o755)
    yield folder
    for lock in folder.rglob("postgres.lock"):
        cluster.erase(lock.parent)
    shutil.rmtree(folder)


@pytest.fixture
def data(place) -> Path:
    return place / "data"


@pytest.fixture
def keep(place) -> Iterator[Keep]:
    """Starts a program that needs the server of a data folder; it may not be up yet when this returns."""
    with ExitStack() as opened:
        numbers = iter(range(100))

        def start(folder: Path) -> Program:
            return opened.enter_context(
                program(
                    python("-c", KEEPER, str(folder)),
                    output=place / f"output-{next(numbers)}",
                    marks=marks(folder),
                )
            )

        yield start


def marks(folder: Path) -> tuple[str, ...]:
    """By what its processes are known: the folder, and the short name where root's server and the sockets are."""
    return (str(folder), cluster.mark(folder))


def run_once(keep: Keep, folder: Path) -> None:
    """Start the server and stop it again."""
    keeper = keep(folder)
    keeper.wait_to_say("up")
    keeper.let_go()
    assert keeper.ended() == 0, keeper.said


def write(folder: Path) -> None:
    with postgres.connect(folder, "answerback") as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS number")


def read(folder: Path) -> int:
    with postgres.connect(folder, "answerback") as connection:
        return int(connection.execute("SELECT number FROM kept").fetchall()[0][0])


def servers(folder: Path) -> list[int]:
    """The process ids of the servers of this folder: their children have other names."""
    found = []
    for process in alive(marks(folder)):
        command = process.cmdline()
        if command and Path(command[0]).name == "postgres" and "-D" in command:
            found.append(process.pid)
    return found


def test_it_keeps_what_was_written_and_leaves_nothing_running(keep, data):
    first = keep(data)
    first.wait_to_say("up")
    write(data)
    first.let_go()
    assert first.ended() == 0, first.said
    assert left_running(marks(data)) == []
    assert not cluster.socket_directory(data).exists()
    second = keep(data)
    second.wait_to_say("up")
    assert read(data) == 42


def test_who_comes_later_shares_it_and_is_waited_for(keep, data):
    first = keep(data)
    first.wait_to_say("up")
    write(data)
    second = keep(data)
    second.wait_to_say("up")
    assert len(servers(data)) == 1
    first.let_go()
    first.wait_to_say("Another command still uses this database server")
    assert read(data) == 42
    second.let_go()
    assert (second.ended(), first.ended()) == (0, 0), second.said + first.said
    assert left_running(marks(data)) == []


def test_many_that_come_at_once_start_one(keep, data):
    keepers = [keep(data) for _ in range(4)]
    for keeper in keepers:
        keeper.wait_to_say("up")
    assert len(servers(data)) == 1
    for keeper in keepers:
        keeper.let_go()
    assert [keeper.ended() for keeper in keepers] == [0] * 4
    assert left_running(marks(data)) == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_it_dies_with_who_started_it_and_loses_nothing(keep, data, number):
    first = keep(data)
    first.wait_to_say("up")
    write(data)
    first.signal(number)
    assert first.ended() == -number
    second = keep(data)  # at once: it has to wait until the dying server is gone
    second.wait_to_say("up")
    assert read(data) == 42
    second.let_go()
    assert second.ended() == 0, second.said
    assert left_running(marks(data)) == []


@pytest.mark.parametrize("name", ["with spaces in it", 'd\'été 数据 "quoted" $HOME %h', "long" * 50])
def test_the_folder_may_be_called_anything(keep, place, name):
    folder = place / name / "data"
    keeper = keep(folder)
    keeper.wait_to_say("up")
    write(folder)
    assert read(folder) == 42


def test_a_folder_that_nobody_else_may_enter_stays_closed(keep, place):
    """Root's server runs as another user, who could not reach its data there: they are put elsewhere."""
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    folder = closed / "data"
    keeper = keep(folder)
    keeper.wait_to_say("up")
    write(folder)
    keeper.let_go()
    assert keeper.ended() == 0, keeper.said
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    again = keep(folder)
    again.wait_to_say("up")
    assert read(folder) == 42


@pytest.mark.parametrize("whose", ["the dead server's", "another living process's", "nobody's"])
def test_a_stale_pid_file_is_no_hindrance(keep, data, whose):
    first = keep(data)
    first.wait_to_say("up")
    write(data)
    [server] = servers(data)
    os.kill(server, signal.SIGKILL)
    first.let_go()
    first.ended()
    file = cluster.place(data) / "postmaster.pid"
    assert file.exists()
    if whose != "the dead server's":
        lines = file.read_text().splitlines()
        lines[0] = str(os.getpid()) if whose == "another living process's" else ""
        file.write_text("\n".join(lines))
    second = keep(data)
    second.wait_to_say("up")
    assert read(data) == 42


def test_what_an_interrupted_first_start_left_is_made_anew(keep, data):
    draft = cluster.place(data).with_name("postgres.new")
    (draft / "base").mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18\n")
    run_once(keep, data)
    assert not draft.exists()


def test_files_that_are_not_ours_are_left_alone(keep, data):
    letters = data / "postgres"
    letters.mkdir(parents=True)
    (letters / "letter.txt").write_text("dear")
    keeper = keep(data)
    assert keeper.ended() == 1
    assert "is not empty: remove it, or set DATA_DIR elsewhere" in keeper.said
    assert (letters / "letter.txt").read_text() == "dear"


def test_data_of_another_version_is_named_and_left_alone(keep, data):
    run_once(keep, data)
    (cluster.place(data) / "PG_VERSION").write_text("15\n")
    keeper = keep(data)
    assert keeper.ended() == 1
    assert "was made by PostgreSQL 15" in keeper.said
    assert left_running(marks(data)) == []


def test_a_server_that_cannot_start_says_why_and_what_to_do(keep, data):
    run_once(keep, data)
    (cluster.place(data) / "global" / "pg_control").write_bytes(bytes(8192))
    keeper = keep(data)
    assert keeper.ended() == 1
    assert "the embedded PostgreSQL did not start" in keeper.said
    assert f"removing {cluster.place(data)} begins anew" in keeper.said
    assert left_running(marks(data)) == []


def test_without_the_wheel_it_says_what_to_set(monkeypatch, data):
    monkeypatch.setattr(cluster, "WHEEL", "a_wheel_that_is_not_installed")
    with pytest.raises(cluster.Unavailable, match="set DATABASE_URL to a PostgreSQL server"):
        cluster.binaries(data)
