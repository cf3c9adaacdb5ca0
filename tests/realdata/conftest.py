"""Where the real data are, and how much of them a run takes."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.sources import ROOT
from tests.realdata import bpi2013, servicenow
from tests.realdata.letterbox import emptied
from tests.realdata.logs import Log

DATA = Path(os.environ.get("REALDATA") or ROOT.parent / "shared" / "data")
CASES = int(os.environ.get("REALDATA_CASES") or 0) or None
"""Only the first so many cases of each log; unset: all."""

READERS = {"servicenow": servicenow.read, "bpi2013": bpi2013.read}


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of the real data, which are no part of the project."""
    if not (DATA / "incidents_servicenow").is_dir():
        pytest.skip(f"no real data in {DATA} (REALDATA names another folder)")
    return DATA


@pytest.fixture(params=READERS)
def log(request: pytest.FixtureRequest, data: Path) -> Log:
    """Each of the logs in turn."""
    return READERS[request.param](data).first(CASES)


@pytest.fixture
def servicenow_log(data: Path) -> Log:
    return servicenow.read(data).first(CASES)


@pytest.fixture
def letterbox(settings) -> Iterator[None]:
    """Email and SMS stay here."""
    settings.CHANNELS = {
        "email": "tests.realdata.letterbox.Email",
        "sms": "tests.realdata.letterbox.SMS",
    }
    emptied()
    yield
    emptied()
