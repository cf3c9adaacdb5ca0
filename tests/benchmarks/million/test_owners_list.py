"""What an owner opens in the morning, among a million follow-ups: the desk's list, and the same by the API."""

import json
import statistics
from collections.abc import Callable

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from knox.models import AuthToken

from followups.models import FollowUp
from tests import factories
from tests.benchmarks.baseline import lists
from tests.benchmarks.measure import SECONDS, in_turns, ratio, tail
from tests.benchmarks.million.conftest import DEPARTMENTS, LIVE, ROWS, Million
from tests.benchmarks.stack import Web
from tests.desk import LIST

pytestmark = pytest.mark.benchmark

API = "/api/v1/follow-ups/"


@pytest.fixture(scope="module")
def owed(million: Million) -> int:
    """How many customers the department owes an answer."""
    assert FollowUp.objects.count() > ROWS
    count = FollowUp.objects.filter(department=million.department, status="open").count()
    assert count >= LIVE // DEPARTMENTS
    return count


def compare(web: Web, name: str, product: bytes, bare: bytes) -> None:
    def asks(said: bytes) -> Callable[[], object]:
        return lambda: web.load([said], SECONDS, again=True)

    rounds = in_turns({"product": asks(product), "bare": asks(bare)})
    speed = {side: [one.per_second for one in done] for side, done in rounds.items()}
    beside = " : ".join(f"{statistics.median(found):.0f}/s" for found in speed.values())
    ratio(name, speed["product"], speed["bare"], beside=beside)
    tail(name.partition(" : ")[0], rounds["product"])


def test_owners_list(million: Million, web: Web, owed: int):
    owner = Client()
    owner.force_login(million.department.owner)
    cookie = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={owner.cookies[settings.SESSION_COOKIE_NAME].value}"}
    bare = f"/baseline/owed/{million.department.pk}"
    shown = web.read(LIST, **cookie)
    assert shown.count('<li class="desk-row') == web.read(bare).count("<li>") == min(30, owed)
    assert f" <b>{owed}</b>" in shown
    name = f"owner's list, {owed} owed of {ROWS:,} : one SELECT of 30 + template"
    compare(web, name, web.get(LIST, **cookie), web.get(bare))


@pytest.mark.parametrize("who", ["owner", "manager"])
def test_follow_ups_by_the_api(million: Million, web: Web, owed: int, who: str):
    user = million.department.owner if who == "owner" else factories.UserFactory(roles=["manager"])
    headers = {
        "Authorization": f"Bearer {AuthToken.objects.create(user)[1]}",
        "Accept": "application/json",
    }
    bare = "/baseline/follow-ups" + (f"?department={million.department.pk}" if who == "owner" else "")
    ours, theirs = json.loads(web.read(API, **headers)), json.loads(web.read(bare))
    assert [one["id"] for one in ours["results"]] == [one["id"] for one in theirs["results"]]
    assert len(ours["results"]) == 50
    name = f"GET follow-ups by the {who}, of {ROWS:,} : one SELECT of 50 + JSON"
    compare(web, name, web.get(API, **headers), web.get(bare))


def test_the_baselines_have_their_indexes(million: Million):
    """Else they would be men of straw."""
    one = [million.department.pk]
    with connection.cursor() as cursor:
        for sql, given in ((lists.OWED, one), (lists.NEWEST, []), (lists.NEWEST_OF, one)):
            cursor.execute(f"EXPLAIN {sql}", given)
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert "Seq Scan on followups_followup" not in plan, plan
