"""Gives the tests their database. Loaded by `-p tests.plugin`, before anything reads the settings.

Without DATABASE_URL: one embedded server for the whole run, started by the process that xdist's workers answer to,
in a data folder of its own which the workers find by DATA_DIR. With DATABASE_URL: that server, untouched.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path

import pytest

SERVER = ExitStack()

# What a run against a real server would have to bring itself; tests do not depend on the values.
os.environ.setdefault("SECRET_KEY", "a-key-for-tests-that-guards-nothing-at-all-0123456789")
os.environ.setdefault("LINK_KEYS", "t1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")
# With DATABASE_URL it would be production, where no SMS is sent unless a provider is named.
os.environ.setdefault("SMS_BACKEND", "feedback.channels.sms.development.DevelopmentSMS")
os.environ.setdefault("DIGEST_KEY", "Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA")
# A nudge is only a nudge: a queue in memory, which nobody reads, swallows it. Tests run the sweeps themselves.
os.environ.setdefault("CELERY_BROKER_URL", "memory://")

EMBEDDED = not (os.environ.get("DATABASE_URL") or os.environ.get("DATABASE_URL_FILE"))
CONTROLLER = "PYTEST_XDIST_WORKER" not in os.environ

if CONTROLLER:
    # Short, and open to look into: when root runs the tests, the server runs as `nobody`.
    FOLDER = Path(tempfile.mkdtemp(prefix="answerback-tests-"))
    FOLDER.chmod(0o755)
    (FOLDER / "static").mkdir()  # else whitenoise warns of its absence, and warnings are errors
    os.environ["DATA_DIR"] = str(FOLDER)
    atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    if CONTROLLER and EMBEDDED and not session.config.option.collectonly:
        from feedback.embedded import cluster, postgres

        # What is measured must write to the disk.
        careless = session.config.option.markexpr != "benchmark"
        try:
            SERVER.enter_context(postgres.running(FOLDER, careless=careless, wait_for_others=False))
        except cluster.Unavailable as error:
            pytest.exit(str(error), returncode=3)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what tests found out besides passing: steps of random histories, messages a second. From any process."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for name, words in getattr(report, "user_properties", ()):
                if name in ("history", "figures"):
                    terminalreporter.write_line(str(words))


def pytest_unconfigure(config: pytest.Config) -> None:
    SERVER.close()


# Where everything a test may need is there (.ci/run says so), a skip hides something: it counts as a failure.
NO_SKIP = os.environ.get("ANSWERBACK_NO_SKIP") == "1"


def refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if NO_SKIP and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, and nothing may be skipped here: {report.longrepr}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    refuse_skip(report)
    return report
