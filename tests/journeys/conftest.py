"""What every story begins with."""

import pytest

from tests.journeys.people import Company, CustomerOnPhone


@pytest.fixture
def company(db: None, mailoutbox) -> Company:
    return Company()


@pytest.fixture
def customer() -> CustomerOnPhone:
    return CustomerOnPhone()
