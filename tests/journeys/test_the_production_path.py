"""README, "Running it for real", word for word: its environment, its commands and its processes, and one whole story.

What the README has its reader change is changed here: the database, the broker, the mail server, the port. The web
server in front is played by the people's browsers; PostgreSQL and Redis are real ones, named by the environment.
"""

import email
import os
import re
import secrets
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from email import policy
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from aiosmtpd.controller import Controller

from tests.house.readme import here, processes, step
from tests.house.sources import ROOT
from tests.journeys.web import Person
from tests.processes import PATIENCE, Program, environment, left_running, program

DATABASE_URL = os.environ.get("DATABASE_URL", "")
REDIS_URL = os.environ.get("REDIS_URL", "")
ORIGIN = "https://feedback.example.com"

pytestmark = [
    pytest.mark.external,
    pytest.mark.faults,
    pytest.mark.skipif(not (DATABASE_URL and REDIS_URL), reason="DATABASE_URL or REDIS_URL names no server"),
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class MailServer:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.got: list[tuple[str, str]] = []
        self.port = free_port()
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        letter = email.message_from_bytes(envelope.content, policy=policy.default)
        body = letter.get_body(("plain",))
        assert body is not None
        self.got.append((str(letter["To"]), body.get_content()))
        return "250 OK"

    def link_to(self, address: str, kind: str) -> str:
        """The path of the newest link of one kind (``/s/``) sent to an address; empty if there is none yet."""
        found = [re.search(rf"{ORIGIN}({kind}[\w-]+)", body) for to, body in self.got if to == address]
        return next((one[1] for one in reversed(found) if one), "")


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    server.controller.start()
    yield server
    server.controller.stop()


@pytest.fixture
def database() -> Iterator[str]:
    """An empty database of this test's own, as step 2 makes one."""
    name = f"answerback_path_{os.getpid()}"
    with psycopg.connect(DATABASE_URL, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0".encode())
    yield urlsplit(DATABASE_URL)._replace(path=f"/{name}").geturl()
    with psycopg.connect(DATABASE_URL, autocommit=True) as server:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


class Installation:
    """A machine on which the README's steps 3 and 4 are done, and its processes run as step 5 says."""

    def __init__(self, folder: Path, database: str, mail_server: MailServer) -> None:
        self.file = folder / "answerback.env"
        self.folder = folder
        self.port = free_port()
        self.mark = f"answerback-path-{secrets.token_hex(8)}"
        broker = urlsplit(REDIS_URL)._replace(path="/14").geturl()  # apart from what other tests send
        changes = {
            "DATABASE_URL": database,
            "CELERY_BROKER_URL": broker,
            "DATA_DIR": str(folder / "data"),
            "EMAIL_URL": f"smtp://127.0.0.1:{mail_server.port}",
        }
        [script] = step(3)
        self.shell(script)
        assert (self.file.stat().st_mode & 0o777) == 0o600
        words = self.file.read_text()
        for name, value in changes.items():
            words, count = re.subn(rf"^{name}=.*$", f"{name}={value}", words, flags=re.MULTILINE)
            assert count == 1, name
        self.file.write_text(words)

    def script(self, words: str) -> str:
        return here(words).replace("/etc/answerback.env", str(self.file))

    def shell(self, words: str) -> str:
        """What the script says; fails, with its words, when one of its lines does."""
        done = subprocess.run(
            ["bash", "-euc", self.script(words)],
            cwd=ROOT,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=4 * PATIENCE,  # four programs, one after the other
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def manage(self, *arguments: str) -> str:
        return self.shell(f"{READ_ENVIRONMENT}\n.venv/bin/python manage.py {' '.join(arguments)}")

    def start(self, name: str, opened: ExitStack) -> Program:
        line = processes()[name].replace("127.0.0.1:8000", f"127.0.0.1:{self.port}")
        assert name != "web" or str(self.port) in line
        started: Program = opened.enter_context(
            program(
                ["bash", "-c", self.script(f"{READ_ENVIRONMENT}\nexec .venv/bin/{line}")],
                output=self.folder / f"{name}.log",
                marks=(self.mark,),
            )
        )
        return started


READ_ENVIRONMENT = "set -a; . /etc/answerback.env; set +a"


@pytest.fixture
def installation(tmp_path, database, mail_server) -> Installation:
    return Installation(tmp_path, database, mail_server)


def zone_where_it_is_noon() -> str:
    """No quiet hour there, whenever the tests run."""
    hours = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-hours:+d}"  # by the standard's odd sign, Etc/GMT-5 is ahead of Greenwich


def test_from_the_readme_to_a_confirmed_fix(installation, mail_server):
    [script] = step(4)
    said = installation.shell(script)
    assert "System check identified no issues" in said
    assert READ_ENVIRONMENT in script
    password = re.search(r"as (manager) with the password (\S+)", said)
    token = re.search(r"Authorization: Bearer (\w+)", said)
    assert password and token, said

    with ExitStack() as opened:

        def somebody() -> Person:
            return opened.enter_context(Person(ORIGIN, installation.port))

        running = {name: installation.start(name, opened) for name in ("web", "worker", "beat")}
        web = running["web"]
        web.wait_to_say("Booting worker")
        probe = somebody()
        web.wait_for(lambda: probe.get("/health/ready").status_code == 200, "200 of /health/ready")

        # The case, as in "A first real case"
        help_desk = somebody().client
        help_desk.headers["Authorization"] = f"Bearer {token[1]}"
        case = {
            "source": "repairs",
            "external_id": "R-1042",
            "status": "resolved",
            "subject": "Kettle leaks",
            "department": "front-office",
            "customer": {
                "external_id": "C-77",
                "name": "Li Na",
                "email": "li.na@example.com",
                "time_zone": zone_where_it_is_noon(),
            },
        }
        answer = help_desk.post(f"{ORIGIN}/api/v1/cases/", json=case, headers={"Idempotency-Key": "kettle-1"})
        assert answer.status_code == 201, answer.text
        assert answer.json()["invitation"]["state"] == "asked"

        # The question, the page with its style sheet, the answer
        running["worker"].wait_for(lambda: mail_server.link_to("li.na@example.com", "/s/"), "a survey")
        customer = somebody()
        link = mail_server.link_to("li.na@example.com", "/s/")
        page = customer.get(link)
        assert page.headers["Strict-Transport-Security"]
        styles = re.findall(r'href="(/static/[^"]+\.css)"', page.text)
        assert styles
        for path in styles:
            assert re.search(r"\.[0-9a-f]{12}\.css$", path), "its name changes with its words"
            style = customer.get(path)
            assert style.status_code == 200
            assert "immutable" in style.headers["Cache-Control"]
            assert style.headers["Content-Encoding"] == "gzip"
        customer.answers_no(link)

        # The follow-up, the desk, the reply
        [follow_up] = help_desk.get(f"{ORIGIN}/api/v1/follow-ups/").json()["results"]
        desk = somebody()
        desk.signs_in(password[1], password[2])
        desk.takes_and_replies(follow_up["id"])
        running["worker"].wait_for(lambda: mail_server.link_to("li.na@example.com", "/f/"), "a reply")

        # The last word
        customer.says_fixed(mail_server.link_to("li.na@example.com", "/f/"))
        now = help_desk.get(f"{ORIGIN}/api/v1/follow-ups/{follow_up['id']}/").json()
        assert now["status"] == "confirmed"

        assert probe.get("/health/ready").json()["status"] == "ready"
        assert "FAILS" not in installation.manage("audit")
        for program_ in running.values():
            program_.signal(signal.SIGTERM)
        assert {name: one.ended() for name, one in running.items()} == dict.fromkeys(running, 0)
    assert left_running((installation.mark,)) == []
