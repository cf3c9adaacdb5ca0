"""The fields of a case as sources send it: one table, read by the validation here and by the API's description.

Whatever is wrong is said with its place. What is right becomes a ``CaseInput`` whose ``said`` is canonical: equal
things said differently (another time zone, other spacing, a phone number with dashes) are equal there, so that a
repeated event is recognised.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django.utils.functional import Promise
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from feedback.models.cases import CaseStatus
from feedback.models.people import Channel
from feedback.suppression import normalise

LONGEST_WORDS = 10_000
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")
# What no honest text holds: control characters, halves of surrogate pairs (PostgreSQL and UTF-8 know neither), and the
# overrides of reading direction, which make a name read as another.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\u202d\u202e]")
_LINE_BREAKS = re.compile("[\t\r\n\x85\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: a stable code, a sentence, and the field (``customer.email``; empty: the whole)."""

    code: str
    detail: str
    attr: str

    def as_dict(self) -> dict[str, str | None]:
        return {"code": self.code, "detail": self.detail, "attr": self.attr or None}


class Refused(ValueError):
    """What was sent is not a case. ``problems`` says everything that is wrong with it, not only the first thing."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{problem.attr}: {problem.detail}" for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class CaseInput:
    """One thing a source says of one case: valid, and in canonical form (times as ISO 8601 in UTC)."""

    source: str
    external_id: str
    status: str
    sequence: int | None
    occurred_at: datetime | None
    said: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One field: how it is read, how long it may be, and what its reader should know."""

    kind: str
    help: str | Promise
    limit: int = 255
    required: bool = False
    choices: tuple[str, ...] = ()


CUSTOMER_FIELDS: dict[str, Field] = {
    "external_id": Field("line", _("The source's own id of the customer.")),
    "name": Field("line", _("How to address the customer.")),
    "language": Field("language", _("Language tag, such as en or zh-CN."), limit=12),
    "time_zone": Field("zone", _("IANA time zone, such as Asia/Shanghai."), limit=64),
    "email": Field("email", _("Email address; added to those already known."), limit=320),
    "phone": Field(
        "phone", _("Phone number, best with its country code; added to those already known."), limit=320
    ),
}
CASE_FIELDS: dict[str, Field] = {
    "source": Field("line", _("The system that the case comes from."), limit=64, required=True),
    "external_id": Field("line", _("The source's own id of the case."), required=True),
    "status": Field("choice", _("Where the case stands."), required=True, choices=tuple(CaseStatus.values)),
    "customer": Field("customer", _("Whose case it is.")),
    "subject": Field("line", _("What it is about."), limit=500),
    "department": Field(
        "line", _("Slug of the department, or any other name that will be linked to one later.")
    ),
    "served_by": Field("line", _("The source's own id of the person who served.")),
    "product": Field("line", _("Product.")),
    "order_ref": Field("line", _("Order number.")),
    "channel": Field("line", _("How the customer came: phone, chat, counter…"), limit=64),
    "opened_at": Field("time", _("When the case was opened.")),
    "resolved_at": Field(
        "time", _("When the case was resolved; default: occurred_at, else the time of arrival.")
    ),
    "resolution": Field("words", _("What was done, in words."), limit=LONGEST_WORDS),
    "occurred_at": Field("time", _("When this change happened.")),
    "sequence": Field("integer", _("The source's own version of the case; it outranks occurred_at.")),
}
_REQUIRED = tuple(name for name, field in CASE_FIELDS.items() if field.required)


class _Wrong(Exception):
    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


def read(raw: object) -> CaseInput:
    """Read one case as a source sent it.

    Args:
        raw: what came, usually from JSON: a mapping of the names in ``CASE_FIELDS``. A field that is left out is
            unchanged; null or ``""`` empties it.

    Raises:
        Refused: anything is wrong; every problem is named.
    """
    if not isinstance(raw, dict):
        raise Refused([Problem("not_an_object", say("A case is an object with named fields."), "")])
    problems: list[Problem] = []
    said = _read(raw, CASE_FIELDS, "", problems)
    for name in _REQUIRED:
        if not said.get(name) and not any(problem.attr == name for problem in problems):
            problems.append(Problem("required", say("This field is required."), name))
    if problems:
        raise Refused(problems)
    for name in ("sequence", "occurred_at", "opened_at", "resolved_at", "customer"):
        if said.get(name, "") in (None, "", {}):
            said.pop(name, None)
    occurred_at = said.get("occurred_at")
    return CaseInput(
        source=said.pop("source"),
        external_id=said.pop("external_id"),
        status=said["status"],
        sequence=said.get("sequence"),
        occurred_at=datetime.fromisoformat(occurred_at) if occurred_at else None,
        said=said,
    )


def _read(
    raw: Mapping[Any, object], fields: Mapping[str, Field], prefix: str, problems: list[Problem]
) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for name, value in raw.items():
        field = fields.get(name)
        if field is None:
            problems.append(
                Problem("unknown_field", say("There is no such field."), prefix + printable(str(name)))
            )
            continue
        if field.kind == "customer":
            if value is None:
                continue
            if isinstance(value, dict):
                said[name] = _known(_read(value, CUSTOMER_FIELDS, f"{name}.", problems))
            else:
                problems.append(
                    Problem("wrong_type", say("Expected an object with named fields."), prefix + name)
                )
            continue
        try:
            said[name] = _READERS[field.kind](value, field)
        except _Wrong as wrong:
            problems.append(Problem(wrong.code, wrong.detail, prefix + name))
    return said


def _known(customer: dict[str, Any]) -> dict[str, Any]:
    """A customer without the blanks: a source that does not know a name does not take it away."""
    return {name: value for name, value in customer.items() if value}


def printable(name: str) -> str:
    """A name made safe to repeat in an answer: short, and without anything that cannot be encoded or shown."""
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in name[:64]
    )


def _text(value: object, field: Field) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _Wrong("wrong_type", say("Expected a text in quotes."))
    if _FORBIDDEN.search(value):
        raise _Wrong(
            "forbidden_character",
            say(
                "Holds a character that is not allowed: a control character or an override of reading direction."
            ),
        )
    text = value.strip()
    if len(text) > field.limit:
        raise _Wrong("too_long", say("Longer than %(limit)d characters.") % {"limit": field.limit})
    return text


def _line(value: object, field: Field) -> str:
    return _LINE_BREAKS.sub(" ", _text(value, field))


def _choice(value: object, field: Field) -> str:
    text = _text(value, field)
    if text and text not in field.choices:
        raise _Wrong(
            "invalid_choice", say("Expected one of: %(choices)s.") % {"choices": ", ".join(field.choices)}
        )
    return text


def _time(value: object, field: Field) -> str:
    text = _text(value, field)
    if not text:
        return ""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise _Wrong("no_time_zone", say("A time needs its zone, as in 2026-05-01T09:30:00Z or +08:00."))
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _Wrong("invalid", say("Expected a time by ISO 8601, such as 2026-05-01T09:30:00Z.")) from error
    if not EARLIEST <= moment <= LATEST:
        raise _Wrong("out_of_range", say("Expected a time between 1970 and 2200."))
    return moment.isoformat()


def _integer(value: object, field: Field) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        raise _Wrong("wrong_type", say("Expected a whole number, without quotes."))
    if not -(2**63) <= value < 2**63:
        raise _Wrong("out_of_range", say("This number does not fit into 64 bits."))
    return value


def _address(channel: Channel, value: object, field: Field) -> str:
    text = _line(value, field)
    if not text:
        return ""
    try:
        return normalise(channel, text)
    except ValueError as error:
        wrong = say("Not an email address.") if channel == Channel.EMAIL else say("Not a phone number.")
        raise _Wrong("invalid", f"{wrong} ({error})") from error


def _language(value: object, field: Field) -> str:
    text = _line(value, field)
    if text and not _LANGUAGE.fullmatch(text):
        raise _Wrong("invalid", say("Expected a language tag, such as en or zh-CN."))
    return text


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _zone(value: object, field: Field) -> str:
    text = _line(value, field)
    if text and text not in _zones():
        raise _Wrong("invalid", say("Expected the name of an IANA time zone, such as Asia/Shanghai."))
    return text


_READERS: dict[str, Callable[[object, Field], Any]] = {
    "line": _line,
    "words": _text,
    "choice": _choice,
    "time": _time,
    "integer": _integer,
    "email": lambda value, field: _address(Channel.EMAIL, value, field),
    "phone": lambda value, field: _address(Channel.SMS, value, field),
    "language": _language,
    "zone": _zone,
}
