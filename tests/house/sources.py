"""The project's own files, for the tests that read them."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("feedback", "surveys", "followups")

# What is made on the machine and never part of the project.
MADE_HERE = {
    ".git",
    ".venv",
    ".answerback",
    "__pycache__",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    ".hypothesis",
    ".import_linter_cache",
}


def files() -> Iterator[Path]:
    """Every file of the project: what git knows or would add; in a copy without git, all but what is made here."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=False
    )
    if listed.returncode == 0 and (ROOT / ".git").exists():
        names = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    else:
        names = [path for path in ROOT.rglob("*") if not MADE_HERE & set(path.relative_to(ROOT).parts)]
    yield from (path for path in names if path.is_file())


def texts() -> Iterator[tuple[Path, str]]:
    """Every file that is text, with its words."""
    for path in files():
        try:
            yield path, path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
