"""The README's production environment, as it is written there, passes Django's own checks for one."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.sources import ROOT
from tests.house.test_readme_commands_exist import FENCED, README
from tests.processes import environment


def environment_file(folder: Path) -> Path:
    """Write the README's environment file by the README's own commands, with nothing changed but where things lie."""
    [block] = [text for _, text in FENCED.findall(README.read_text()) if "<<END" in text]
    written = folder / "answerback.env"
    for said, meant in (
        ("/etc/answerback.env", str(written)),
        ("/var/lib/answerback", str(folder)),
        (".venv/bin/python", shlex.quote(sys.executable)),
    ):
        assert said in block, f"the README does not say {said} any more"
        block = block.replace(said, meant)
    subprocess.run(["sh", "-eu", "-c", block], cwd=ROOT, env=environment(), check=True, timeout=60)
    return written


def checked(written: Path, level: str = "WARNING", **more: str) -> subprocess.CompletedProcess[str]:
    """Read the file as the README does, and check."""
    command = f'set -a; . "{written}"; set +a; exec "{sys.executable}" manage.py check --deploy --fail-level {level}'
    return subprocess.run(
        ["sh", "-eu", "-c", command],
        cwd=ROOT,
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def written(tmp_path) -> Path:
    return environment_file(tmp_path)


def test_check_deploy_finds_nothing_to_warn_of(written):
    done = checked(written)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    assert "no issues (2 silenced)" in done.stdout


def test_what_is_silenced_concerns_the_whole_domain_and_nothing_else(settings):
    """HSTS for other hosts below this one, and the browsers' preload list."""
    assert settings.SILENCED_SYSTEM_CHECKS == ["security.W005", "security.W021"]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SECRET_KEY", "short", "security.W009"),
        ("BASE_URL", "http://feedback.example.com", "answerback.W004"),
        ("DEFAULT_FROM_EMAIL", "nobody@localhost", "answerback.W003"),
        ("DEBUG", "1", "security.W018"),
        ("TRUSTED_PROXIES", "0", "answerback.W006"),
    ],
)
def test_and_would_say_what_is_wrong(written, name, value, said):
    kept = [line for line in written.read_text().splitlines() if not line.startswith(f"{name}=")]
    written.write_text("\n".join([*kept, f"{name}={value}", ""]))
    done = checked(written)
    assert done.returncode == 1
    assert said in done.stderr


def test_the_file_is_for_root_alone_and_its_keys_are_new(tmp_path, written):
    assert written.stat().st_mode & 0o777 == 0o600
    (tmp_path / "again").mkdir()
    again = environment_file(tmp_path / "again").read_text()
    for name in ("SECRET_KEY", "LINK_KEYS", "DIGEST_KEY"):
        first, second = (
            re.findall(rf"^{name}=(.+)$", text, re.MULTILINE) for text in (written.read_text(), again)
        )
        assert len(first) == len(second) == 1 and first != second
