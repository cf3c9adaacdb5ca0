"""A backup by pg_dump, restored by pg_restore: nobody gets a message twice, and nobody somebody else's page."""

import os
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection

from feedback import audit, pause
from feedback.models import Message
from tests.journeys.people import Company, CustomerOnPhone, time_passes

pytestmark = [
    pytest.mark.external,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not os.environ.get("DATABASE_URL") or not shutil.which("pg_restore"),
        reason="DATABASE_URL names no server, or there is no pg_dump: the embedded one brings none",
    ),
]


def run(*command: str) -> None:
    known = connection.settings_dict
    where = ["--host", known["HOST"], "--port", str(known["PORT"] or 5432), "--username", known["USER"]]
    name = known["NAME"]
    connection.close()
    subprocess.run(
        [command[0], *where, "--dbname", name, *command[1:]],
        check=True,
        timeout=120,
        env=os.environ | ({"PGPASSWORD": known["PASSWORD"]} if known["PASSWORD"] else {}),
    )


@pytest.fixture
def backup(tmp_path: Path):
    """Takes the backup; what comes back takes it in again, as docs/operate.md says."""
    dump = str(tmp_path / "answerback.dump")

    def restore() -> None:
        run("pg_restore", "--clean", "--if-exists", "--exit-on-error", dump)
        call_command("migrate", verbosity=0)

    run("pg_dump", "--format=custom", "--file", dump)
    return restore


def letters() -> Counter[tuple[str, str]]:
    return Counter((one.to[0], one.extra_headers["Message-ID"]) for one in mail.outbox)


def address_in(words: str) -> str:
    found = re.search(r"https?://[^\s/]+(/s/[^\s?]+)", words)
    assert found
    return found[1]


@pytest.fixture
def company(mailoutbox) -> Company:
    return Company()


@pytest.mark.rule("R30")
@pytest.mark.rule("R36")
def test_what_was_sent_after_the_backup_is_not_sent_again(company, request):
    help_desk = company.help_desk
    waiting = [help_desk_says(help_desk, f"{name}@home.example") for name in ("mei", "bo")]
    assert Message.objects.filter(state="queued").count() == 2
    restore = request.getfixturevalue("backup")

    # The day goes on: both leave, a third customer comes, is asked, and has a link.
    time_passes()
    help_desk.resolves("ann@home.example", external_id="A-ann")
    assert sorted(one.to[0] for one in mail.outbox) == [
        "ann@home.example",
        "bo@home.example",
        "mei@home.example",
    ]
    anns = address_in(str(mail.outbox[-1].body))
    assert CustomerOnPhone().open(anns).status == 200
    before = letters()

    restore()
    assert Message.objects.filter(state="queued").count() == 2
    assert not Message.objects.filter(address="ann@home.example").exists()
    call_command("after_restore")
    for _ in range(3):
        time_passes()
    assert letters() == before, "somebody got something twice"
    assert {one.state for one in Message.objects.filter(send_key__in=waiting)} == {"in_doubt"}

    # The help desk says again what it has said since the backup: nobody is asked a second time.
    answer = help_desk.resolves("ann@home.example", external_id="A-ann")
    assert answer["invitation"]["reason"] == "paused"
    assert letters() == before
    assert not any(finding.violations for finding in audit.run())

    # Life goes on, and nothing that waited for the end of the pause leaves a second time. The link in Ann's mailbox
    # is dead, and not the next customer's.
    pause.end()
    time_passes()
    assert letters() == before
    help_desk.resolves("dan@home.example", external_id="A-dan")
    assert mail.outbox[-1].to == ["dan@home.example"]
    assert address_in(str(mail.outbox[-1].body)) != anns
    assert CustomerOnPhone().open(anns).status == 404


def help_desk_says(help_desk, email: str) -> str:
    """A resolved case whose survey is stored and has not left yet. Returns its message's key."""
    customer = {"external_id": email, "name": "Mei Lin", "language": "en", "email": email}
    body = {"source": "helpdesk", "external_id": email, "status": "resolved", "customer": customer}
    assert help_desk.client.post("/api/v1/cases/", body, format="json").status_code == 201
    return Message.objects.get(address=email).send_key
