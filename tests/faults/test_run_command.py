"""`manage.py run`: from an empty folder to a working Answerback, and nothing left of it when it is told to stop."""

import json
import re
import shutil
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path

import pytest

from feedback.embedded import cluster
from tests.processes import PATIENCE, Program, left_running, program, python

pytestmark = pytest.mark.faults

UP = "Answerback is up"
Run = Callable[[int], Program]


@pytest.fixture
def data() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="answerback faults "))
    folder.chmod(0o755)
    yield folder
    cluster.erase(folder)
    shutil.rmtree(folder)


@pytest.fixture
def marks(data) -> tuple[str, ...]:
    return (str(data), cluster.mark(data))


@pytest.fixture
def run(data, marks, tmp_path) -> Iterator[Run]:
    """Starts `manage.py run` on the data, at the given port; it may not be up yet when this returns."""
    with ExitStack() as opened:
        numbers = iter(range(100))

        def start(port: int) -> Program:
            return opened.enter_context(
                program(
                    python("manage.py", "run"),
                    output=tmp_path / f"output-{next(numbers)}",
                    marks=marks,
                    DATA_DIR=str(data),
                    PORT=str(port),
                )
            )

        yield start


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get(port: int, path: str, token: str = "") -> tuple[int, bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"} if token else {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_from_nothing_to_ready_and_back(run, port, marks):
    first = run(port)
    first.wait_to_say(UP)
    first.wait_for(lambda: get(port, "/health/ready")[0] == 200, "200 of /health/ready")
    status, body = get(port, "/health/ready")
    assert (status, json.loads(body)["status"]) == (200, "ready")
    password = re.search(r"as (manager) with the password (\S+)", first.said)
    token = re.search(r"Authorization: Bearer (\w+)", first.said)
    assert password, first.said
    assert token, first.said
    assert get(port, "/api/v1/cases/", token[1])[0] == 200
    assert get(port, "/admin/login/")[0] == 200
    first.signal(signal.SIGTERM)
    assert first.ended() == 0, first.said
    assert left_running(marks) == []

    second = run(port)
    second.wait_to_say(UP)
    assert "Bearer" not in second.said
    assert "password" not in second.said
    assert get(port, "/api/v1/cases/", token[1])[0] == 200
    second.signal(signal.SIGINT)
    assert second.ended() == 0, second.said
    assert left_running(marks) == []


def test_one_folder_is_not_run_twice_and_killed_outright_nothing_is_left(run, port, marks):
    first = run(port)
    first.wait_to_say(UP)
    second = run(port + 1 if port < 65535 else port - 1)
    assert second.ended() == 1
    assert f"Answerback already runs on this data, at http://localhost:{port}" in second.said
    assert "Traceback" not in second.said
    assert get(port, "/health/live")[0] == 200
    first.signal(signal.SIGKILL)
    assert first.ended() == -signal.SIGKILL
    assert left_running(marks) == []


def test_a_taken_port_says_what_to_do(run, port, marks):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        refused = run(port)
        assert refused.ended() == 1
    assert f"127.0.0.1:{port}: Address already in use" in refused.said
    assert f"Take another port: PORT={port + 1} make run" in refused.said
    assert "Traceback" not in refused.said
    assert left_running(marks) == []
