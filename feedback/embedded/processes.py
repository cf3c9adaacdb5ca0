"""The processes that make up a running Answerback on one machine, apart from the database server."""

import http.client
import signal
import socket
import sys
from contextlib import closing

from django.conf import settings

from feedback.embedded.supervisor import Process

# Celery warns anybody who is root; on a trial machine that is no news.
PYTHON = [sys.executable, "-W", "ignore:You're running the worker with superuser privileges"]
# The worker and beat carry no truth, so a sudden end costs them nothing; the web may finish its answers.
WEB = ["gunicorn", "feedback.wsgi", "--worker-class", "gthread", "--workers", "2", "--threads", "4"]
WEB += ["--no-control-socket", "--graceful-timeout", "4", "--log-level", "warning"]
WORKER = [
    "celery",
    "--quiet",
    "-A",
    "feedback",
    "worker",
    "-P",
    "threads",
    "-c",
    "4",
    "--loglevel",
    "WARNING",
]
WORKER += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
# A scheduler in memory and no pid file: beat leaves nothing on the disk.
BEAT = [
    "celery",
    "--quiet",
    "-A",
    "feedback",
    "beat",
    "-S",
    "celery.beat:Scheduler",
    "--pidfile=",
    "--loglevel",
    "WARNING",
]


def table() -> list[Process]:
    """Web, worker and beat, as the settings say."""
    web = [*PYTHON, "-m", *WEB, "--bind", f"{settings.BIND}:{settings.PORT}"]
    return [
        Process("web", web, cwd=settings.BASE_DIR, ready=web_answers),
        Process("worker", [*PYTHON, "-m", *WORKER], cwd=settings.BASE_DIR, death_signal=signal.SIGKILL),
        Process("beat", [*PYTHON, "-m", *BEAT], cwd=settings.BASE_DIR, death_signal=signal.SIGKILL),
    ]


def web_answers() -> bool:
    """Our web answers: the port alone is open before a worker has loaded."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.BIND, settings.BIND)  # noqa: S104  # asked, not bound
    web = http.client.HTTPConnection(host, settings.PORT, timeout=2)
    try:
        # A host name that the settings allow, and the word of a proxy that it was HTTPS where they insist on it.
        web.request("GET", "/health/live", headers={"Host": f"localhost:{settings.PORT}"})
        return web.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        web.close()


def port_trouble() -> str | None:
    """Why the web could not listen on its port, or None."""
    with closing(socket.socket(socket.AF_INET6 if ":" in settings.BIND else socket.AF_INET)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.BIND, settings.PORT))
        except OSError as error:
            return f"{settings.BIND}:{settings.PORT}: {error.strerror}"
    return None
