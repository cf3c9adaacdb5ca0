"""What the benchmarks share: committed rows, a web server with its baseline beside it, and the table at the end."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import setup_databases, teardown_databases
from knox.models import AuthToken

from feedback.embedded import processes as product
from surveys import default_survey
from tests import factories
from tests.benchmarks import measure, report, stack
from tests.benchmarks.baseline import models as baseline
from tests.benchmarks.ready import Ready
from tests.benchmarks.stack import Stack, Web
from tests.house.sources import ROOT
from tests.processes import environment, this_database


@pytest.fixture(scope="session")
def real_server(django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """A test database of our own, on a server that writes to the disk what it commits, as the product's does.

    Not by the mark ``django_db``: that would empty the tables after each test.
    """
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, aliases=["default"])
        with connection.cursor() as cursor:
            for name in ("fsync", "synchronous_commit"):
                cursor.execute(f"SHOW {name}")
                if cursor.fetchone() != ("on",):
                    pytest.fail(
                        f"the database has {name} off: run this by `make bench`, or on a server with it on"
                    )
        yield
        teardown_databases(made, verbosity=0)


@pytest.fixture(scope="module")
def database(real_server: None) -> Iterator[None]:
    """The database, rows really committed, for other processes to see; empty again at the end."""
    baseline.make()
    yield
    baseline.drop()
    call_command("flush", verbosity=0, interactive=False)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory, real_server: None) -> Path:
    """A data folder for the processes, with the static files in it."""
    made = tmp_path_factory.mktemp("bench")
    with stack.stack(made, this_database()) as prepared:
        subprocess.run(
            [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"],
            cwd=ROOT,
            env=environment(**prepared.env),
            check=True,
            stderr=subprocess.DEVNULL,
        )
    return made


@pytest.fixture(scope="session")
def broker(folder: Path) -> Iterator[str]:
    """The address of a Redis; "" if there is none to be had."""
    with stack.redis(folder) as url:
        yield url


@pytest.fixture(scope="module")
def processes(database: None, folder: Path, broker: str) -> Iterator[Stack]:
    with stack.stack(folder, this_database(), CELERY_BROKER_URL=broker or "memory://") as running:
        yield running


@pytest.fixture(scope="module")
def web(processes: Stack) -> Web:
    """The product and its baseline, in the same two processes."""
    return processes.web()


@pytest.fixture(scope="module")
def ready(database: None) -> Ready:
    return Ready()


@pytest.fixture(scope="module")
def token(database: None) -> str:
    """The token of a help desk, in a company that has a survey."""
    factories.fallback()
    default_survey.ensure()
    baseline.Survey.objects.create(title={"en": "How did it go?"}, question={"en": "Was it solved?"})
    return str(AuthToken.objects.create(factories.UserFactory(roles=["integration"]))[1])


@pytest.fixture(scope="module")
def house(database: None, folder: Path, broker: str) -> Iterator[Stack]:
    """Worker, beat, Redis and a mail server, as they run for real."""
    if not broker:
        pytest.skip("there is no Redis: neither redis-server on this machine, nor REDIS_URL")
    with stack.stack(folder, this_database(), CELERY_BROKER_URL=broker) as house:
        house.env["EMAIL_URL"] = f"smtp://127.0.0.1:{house.sink()}"
        for name, argv in (("worker", product.WORKER), ("beat", product.BEAT)):
            house.start(name, [*product.PYTHON, "-m", *argv])
        yield house


@pytest.fixture(scope="module")
def threaded_web(house: Stack) -> Web:
    """The web of that house, with threads, as the README says to run it."""
    return house.web("--workers", "2", "--worker-class", "gthread", "--threads", "4")


def pytest_terminal_summary(terminalreporter: "pytest.TerminalReporter") -> None:
    if measure.FIGURES:
        terminalreporter.section("figures")
        terminalreporter.write_line(report.plain(measure.FIGURES))
        for path in report.write(measure.FIGURES):
            terminalreporter.write_line(f"written to {path}")
