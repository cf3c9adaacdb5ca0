"""The BPI 2013 log (incidents_bpi2013/SOURCE.md): no versions, so the order of a case's events is their time.

It names no customers. Each request is given the mailbox of the office that uses the product in that country, and no id:
so customers are found by their address, and many requests share one.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.utils.text import slugify

from tests.realdata.logs import Log, Said, in_time, known, rows

SOURCE = "bpi2013"
DONE = "Completed"


def read(data: Path) -> Log:
    return Log(SOURCE, in_time(_events(data / "incidents_bpi2013" / "events.csv.gz")))


def _events(file: Path) -> Iterator[Said]:
    office: dict[str, str] = {}
    for row in rows(file):
        number, at = row["SR Number"], datetime.fromisoformat(row["Change Date+Time"])
        office.setdefault(number, f"{slugify(row['Product'] + ' ' + row['Country'])}@offices.example")
        yield Said(
            at,
            known(
                source=SOURCE,
                external_id=number,
                status="resolved" if row["Status"] == DONE else "open",
                occurred_at=at.isoformat(),
                customer={"email": office[number], "language": "en"},
                department=slugify(row["Involved ST"]),
                served_by=row["Resource"],
                product=row["Product"],
                subject=f"{row['Product']}, impact {row['SR Latest Impact'].lower()}",
                channel=row["ST Level"].lower(),
                resolution=row["Sub Status"] if row["Status"] == DONE else None,
            ),
        )
