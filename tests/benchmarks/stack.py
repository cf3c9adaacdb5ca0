"""The processes of a benchmark: the web, a worker, beat, a broker, a mail server; and what is sent to the web."""

import http.client
import os
import pickle
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from feedback.embedded import children
from tests.benchmarks.load import Done, Job
from tests.house.sources import ROOT
from tests.processes import Program, program, python

KEYS = ("SECRET_KEY", "LINK_KEYS", "DIGEST_KEY", "SMS_BACKEND")
SYNC = ["--workers", "2", "--worker-class", "sync"]
"""What the baselines were seen with; BENCH_GUNICORN sets other options."""


GENERATOR = [sys.executable, "-c", "from tests.benchmarks.load import main; main()"]

# Whoever ends a run in the middle of it leaves no process behind.
BOUND_TO_US = [sys.executable, "-I", "-S", str(children.CHILD)]
BOUND_TO_US += [str(os.getpid()), str(int(signal.SIGTERM)), "-", "-"]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@dataclass(frozen=True)
class Stack:
    """What every process of one benchmark is given: the database, a folder of its own, and settings."""

    folder: Path
    env: dict[str, str]
    mark: str
    opened: ExitStack
    running: dict[str, Program] = field(default_factory=dict)

    def start(self, name: str, argv: list[str]) -> Program:
        """Start one process; it ends with the benchmark."""
        output = self.folder / f"{name}.log"
        started = program([*BOUND_TO_US, *argv], output=output, marks=(self.mark,), **self.env)
        self.running[name] = self.opened.enter_context(started)
        return self.running[name]

    def web(self, *options: str, app: str = "tests.benchmarks.baseline.wsgi") -> "Web":
        port = free_port()
        chosen = os.environ.get("BENCH_GUNICORN", "").split() or list(options or SYNC)
        argv = ["-m", "gunicorn", app, "--bind", f"127.0.0.1:{port}", "--no-control-socket", *chosen]
        running = self.start("web", python(*argv, "--log-level", "warning"))
        web = Web(("127.0.0.1", port), running)
        running.wait_for(
            lambda: answers(port) and web.load([web.get("/health/live")], 5).count, "the web answered"
        )
        return web

    def sink(self) -> int:
        """Start a mail server that keeps nothing; return its port."""
        port = free_port()
        self.start("sink", python("-m", "tests.benchmarks.sink", str(port))).wait_to_say("ready")
        return port


@contextmanager
def stack(folder: Path, database_url: str, **env: str) -> Iterator[Stack]:
    """Processes that work on this database, all gone at the end."""
    given = {name: os.environ[name] for name in KEYS}
    settings = {
        "DATABASE_URL": database_url,
        "DATA_DIR": str(folder),
        "CELERY_BROKER_URL": "memory://",
        "DEFAULT_FROM_EMAIL": "Answerback <feedback@office.example>",
        "QUIET_HOURS": "",
        "LOG_LEVEL": "WARNING",
    }
    with ExitStack() as opened:
        yield Stack(folder, {**given, **settings, **env}, f"bench-{os.getpid()}-{folder.name}", opened)


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """A Redis of our own, whose address this is; "" where there is none on this machine and REDIS_URL names none."""
    if (server := shutil.which("redis-server")) is None:
        yield os.environ.get("REDIS_URL", "")
        return
    port = free_port()
    argv = [server, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    mark = f"bench-redis-{os.getpid()}"
    argv = [*BOUND_TO_US, *argv, "--dir", str(folder)]
    with program(argv, output=folder / "redis.log", marks=(mark,)) as running:
        running.wait_for(lambda: answers(port), "Redis answered")
        yield f"redis://127.0.0.1:{port}/0"


def _lines(headers: dict[str, str]) -> str:
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items())


@dataclass(frozen=True)
class Web:
    """A running web server, and how to send it many requests at once."""

    address: tuple[str, int]
    running: Program

    def get(self, path: str, **headers: str) -> bytes:
        said = {"Host": self._host, "Accept": "text/html", "Accept-Language": "en", **headers}
        return f"GET {path} HTTP/1.1\r\n{_lines(said)}\r\n".encode()

    def read(self, path: str, **headers: str) -> str:
        """The whole of one page, as ``get`` with the same arguments is answered."""
        line = http.client.HTTPConnection(*self.address, timeout=60)
        with closing(line):
            line.request("GET", path, headers={"Accept": "text/html", "Accept-Language": "en", **headers})
            answer = line.getresponse()
            said = answer.read().decode()
        assert answer.status == 200, f"{said[:1500]}\n{self.running.said[-3000:]}"
        return said

    def post(
        self, path: str, body: bytes, kind: str = "application/x-www-form-urlencoded", **headers: str
    ) -> bytes:
        said = {"Host": self._host, "Accept-Language": "en", **headers}
        said |= {"Content-Type": kind, "Content-Length": str(len(body))}
        return f"POST {path} HTTP/1.1\r\n{_lines(said)}\r\n".encode() + body

    @property
    def _host(self) -> str:
        return f"{self.address[0]}:{self.address[1]}"

    def load(
        self,
        requests: Sequence[bytes],
        seconds: float,
        *,
        status: int = 200,
        connections: int = 16,
        again: bool = False,
        rate: float = 0.0,
    ) -> Done:
        """Send requests from another process; every answer must have this status."""
        job = Job(self.address, list(requests), seconds, connections, again, rate)
        done = finished(generator(job))
        assert set(done.statuses) == {status}, {
            one: done.odd[one][:1500] for one in done.statuses if one != status
        } or "no answer at all"
        return done


def generator(job: Job) -> "subprocess.Popen[bytes]":
    """Start the load generator on a job; ``finished`` waits for it."""
    process = subprocess.Popen(GENERATOR, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(pickle.dumps(job))
    process.stdin.close()
    return process


def finished(process: "subprocess.Popen[bytes]") -> Done:
    assert process.stdout is not None
    with process:
        said = process.stdout.read()
    assert process.returncode == 0, "the load generator failed; its words are above"
    done: Done = pickle.loads(said)  # noqa: S301  # from a process of ours
    return done
