"""The README's production path in pieces: its numbered steps and the code in them."""

import re
import shlex
import sys
from pathlib import Path

from tests.house.sources import ROOT

PROCESSES = {"web": "gunicorn", "worker": "celery -A feedback worker", "beat": "celery -A feedback beat"}


def production_path() -> str:
    """The chapter "Running it for real"."""
    found = re.search(
        r"^## Running it for real\n(.*?)^## ", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL
    )
    assert found
    return found[1]


def step(number: int) -> list[str]:
    """The blocks of code of one step, as they stand."""
    found = re.search(rf"^\*\*{number}\. .*?(?=^\*\*|^### |\Z)", production_path(), re.MULTILINE | re.DOTALL)
    assert found, f"step {number}"
    return re.findall(r"^```\w*\n(.*?)^```$", found[0], re.MULTILINE | re.DOTALL)


def processes() -> dict[str, str]:
    """The command of web, worker and beat, without the folder of the environment."""
    lines = [line for block in step(5) for line in block.splitlines()]
    found = {}
    for name, begins in PROCESSES.items():
        [found[name]] = [
            line.removeprefix(".venv/bin/") for line in lines if line.startswith(f".venv/bin/{begins}")
        ]
    return found


def here(script: str) -> str:
    """The script with the environment that runs this test in place of the project's own."""
    return script.replace(".venv/bin/", shlex.quote(f"{Path(sys.executable).parent}/"))
