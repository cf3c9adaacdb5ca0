"""What the database really reads: every statement is run once more under EXPLAIN ANALYZE, and undone."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.db import connection, transaction

_EXPLAINED = ("SELECT", "UPDATE", "DELETE", "INSERT", "WITH")


class _Undone(Exception):
    pass


def reads(work: Callable[[], object], tables: Mapping[str, int]) -> list[str]:
    """Do ``work`` and say which of its queries read more rows of a table at one step than that table's number.

    Counted is what the step itself looks at, not what it hands on: a sequential scan, a walk through a whole index, a
    filter under a LIMIT that finds nothing, and the same look-up done for each of many rows all show.
    """
    found: list[str] = []

    def explained(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not many and sql.lstrip("( \n").upper().startswith(_EXPLAINED):
            plan = _plan(sql, params)
            for node, rows in _steps(plan):
                table = node["Relation Name"]
                if rows > tables.get(table, rows):
                    found.append(f"{node['Node Type']} reads {rows:,} rows of {table}: {sql[:1500]}")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explained):
        work()
    return found


def _plan(sql: str, params: Any) -> dict[str, Any]:
    try:
        with transaction.atomic(), connection.connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF, FORMAT JSON) {sql}", params)
            [[plan]] = cursor.fetchall()
            raise _Undone
    except _Undone:
        return dict((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])


def _steps(node: dict[str, Any], table: str = "") -> Iterator[tuple[dict[str, Any], int]]:
    """Each step that looks at rows of a table, with how many over all of its loops."""
    table = node.get("Relation Name", table)
    if "Scan" in node["Node Type"] and table and node["Node Type"] != "CTE Scan":
        removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
        yield {**node, "Relation Name": table}, round((node["Actual Rows"] + removed) * node["Actual Loops"])
    for child in node.get("Plans", ()):
        yield from _steps(child, table if node["Node Type"].startswith("Bitmap") else "")
