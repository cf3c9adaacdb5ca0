"""One row of an export becomes one case as the API knows it."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from feedback.intake.csv_files.columns import TIMES, Columns
from feedback.intake.csv_files.opening import Record
from feedback.intake.csv_files.times import Moment, Times
from feedback.intake.fields import CaseInput, Problem, Refused, read
from feedback.models.cases import CaseStatus
from feedback.spreadsheets import as_it_was

# How exports write that they know nothing. As they are written: somebody may be called Null.
ABSENT = frozenset(
    (
        "",
        "?",
        "-",
        "--",
        "–",
        "—",
        "NULL",
        "null",
        "\\N",
        "(null)",
        "(empty)",
        "N/A",
        "n/a",
        "#N/A",
        "NaN",
        "nan",
        "None",
        "无",
    )
)
# Where nothing more is done to a case, in the words of help desks. Cancelled, rejected or merged is not resolved:
# nobody was served.
_RESOLVED = frozenset(
    (
        "resolved",
        "closed",
        "closed complete",
        "solved",
        "done",
        "completed",
        "complete",
        "fixed",
        "finished",
        "已解决",
        "已关闭",
        "已办结",
        "已完成",
        "已结案",
        "已处理",
        "解决",
        "关闭",
        "办结",
        "完成",
        "结案",
    )
)
_LISTED = 50  # different words of status that are counted; a column with more is no status


@dataclass
class Seen:
    """What was met on the way that a person should know of."""

    statuses: Counter[tuple[str, str]] = field(default_factory=Counter)
    skipped: int = 0
    doubled: int = 0
    hindsight: int = 0


class Rows:
    """Reads the rows of one file.

    Args:
        source: the name of the system, or empty where a column has it.
        resolved, opened: words of status to be read as resolved or open, beside those that are known anyhow.
    """

    def __init__(
        self,
        columns: Columns,
        times: Times,
        *,
        source: str = "",
        resolved: Collection[str] = (),
        opened: Collection[str] = (),
    ) -> None:
        self.columns = columns
        self.times = times
        self.source = source
        self.resolved = (_RESOLVED | {_word(one) for one in resolved}) - {_word(one) for one in opened}
        self.seen = Seen()
        self._width = len(columns.header)

    def read(self, record: Record) -> CaseInput:
        """Read one row; Refused says everything that is wrong with it."""
        raw = self._raw(record)
        try:
            return read(raw)
        except Refused as refused:
            raise Refused([self._with_column(problem) for problem in refused.problems]) from refused

    def resolved_at(self, record: Record) -> tuple[bool, datetime | None]:
        """Say whether a row says resolved, and since when as far as it says; a row that cannot be read does not."""
        try:
            raw = self._raw(record)
        except Refused:
            return False, None
        at = raw.get("resolved_at") or raw.get("occurred_at")
        return raw.get("status") == CaseStatus.RESOLVED, datetime.fromisoformat(at) if at else None

    def _raw(self, record: Record) -> dict[str, Any]:
        cells = self._cells(record)
        raw: dict[str, Any] = {"source": self.source} if self.source else {}
        customer: dict[str, str] = {}
        problems: list[Problem] = []
        moments: dict[str, Moment] = {}
        for name, index in self.columns.used.items():
            text = cells[index].strip()
            if text in ABSENT:
                continue
            try:
                if name in TIMES:
                    moments[name] = self.times.read(text)
                elif name == "sequence":
                    raw[name] = _whole(text)
                elif name.startswith("customer."):
                    customer[name.removeprefix("customer.")] = text
                else:
                    raw[name] = text
            except ValueError as error:
                problems.append(self._with_column(Problem("invalid", str(error), name)))
        if problems:
            raise Refused(problems)
        self._put_status(raw, moments)
        self._put_times(raw, moments)
        if customer:
            raw["customer"] = customer
        return raw

    def _cells(self, record: Record) -> list[str]:
        cells = record.cells
        if record.trouble:
            raise Refused([Problem("not_csv", record.trouble, "")])
        while len(cells) > self._width and not cells[-1].strip():
            cells = cells[:-1]
        if len(cells) != self._width:
            detail = (
                f"{len(cells)} cells, where the header has {self._width}; "
                "is a delimiter or a quote missing or too many?"
            )
            raise Refused([Problem("wrong_width", detail, "")])
        return [as_it_was(cell) for cell in cells] if self.columns.from_rejects else cells

    def _put_status(self, raw: dict[str, Any], moments: dict[str, Moment]) -> None:
        if "status" not in self.columns.used:
            raw["status"] = CaseStatus.RESOLVED if "resolved_at" in moments else CaseStatus.OPEN
        elif theirs := raw.get("status"):
            raw["status"] = CaseStatus.RESOLVED if _word(theirs) in self.resolved else CaseStatus.OPEN
            if len(self.seen.statuses) < _LISTED or (theirs, raw["status"]) in self.seen.statuses:
                self.seen.statuses[theirs, raw["status"]] += 1

    def _put_times(self, raw: dict[str, Any], moments: dict[str, Moment]) -> None:
        """Say when the row's change happened, and only what could be known then.

        Exports of changes repeat the final ``resolved_at`` in every row: one that lies after the change itself is
        hindsight, and the change is the better word. Where no column says when a row was changed, a resolved one counts
        from its resolution and an open one from its opening, so that old cases do not become news.
        """
        occurred, resolved = moments.get("occurred_at"), moments.get("resolved_at")
        if raw.get("status") != CaseStatus.RESOLVED:
            moments.pop("resolved_at", None)
            occurred = occurred or (None if "sequence" in raw else moments.get("opened_at"))
        elif occurred and resolved and resolved.at > occurred.at:
            self.seen.hindsight += 1
            del moments["resolved_at"]
        else:
            occurred = occurred or (None if "sequence" in raw else resolved)
        for moment in moments.values():
            self.seen.skipped += moment.skipped
            self.seen.doubled += moment.doubled
        if occurred:
            moments["occurred_at"] = occurred
        for name, moment in moments.items():
            raw[name] = moment.at.isoformat()

    def _with_column(self, problem: Problem) -> Problem:
        index = self.columns.used.get(problem.attr)
        if index is None:
            return problem
        return Problem(problem.code, f"column “{self.columns.header[index]}”: {problem.detail}", problem.attr)


def why(refused: Refused) -> str:
    """Say in one line what is wrong with a row."""
    return "; ".join(f"{p.attr}: {p.detail}" if p.attr else p.detail for p in refused.problems)


def _word(status: str) -> str:
    return " ".join(status.replace("_", " ").replace("-", " ").casefold().split())


def _whole(text: str) -> int:
    """Read a whole number, also as spreadsheets write it: 12.0."""
    number = text.removesuffix(".0")
    if not number.removeprefix("-").isdecimal() or len(number) > 20:
        raise ValueError(f"{text!r} is not a whole number")
    return int(number)
