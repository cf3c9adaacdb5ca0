"""What every test shares."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def plain_static_files(settings) -> None:
    """No manifest: tests do not collect static files first."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(autouse=True)
def no_quiet_hours(settings) -> None:
    """The hour at which the tests happen to run decides nothing."""
    settings.QUIET_HOURS = None


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    yield
    cache.clear()


@pytest.fixture
def project() -> Path:
    """The project's folder."""
    return Path(__file__).resolve().parent.parent
