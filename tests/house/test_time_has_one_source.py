"""Time comes from feedback.clock alone (DESIGN 3), so that tests and the demo can move it."""

import ast

from tests.house.sources import PACKAGES, ROOT

READS_THE_CLOCK = {"now", "utcnow", "today"}


def test_only_the_clock_reads_the_time():
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if path != ROOT / "feedback" / "clock.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if _reads_the_time(node)
    ]
    assert not found, "ask feedback.clock.now() instead: " + ", ".join(found)


def _reads_the_time(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in READS_THE_CLOCK
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in ("datetime", "timezone", "date")
    )


def test_the_rule_would_be_noticed():
    assert any(_reads_the_time(node) for node in ast.walk(ast.parse("x = timezone.now()")))
