"""rules.toml says of every rule of the design whether it is delivered; a delivered one has a test that says so."""

import ast
import tomllib

from tests.house.sources import ROOT, files

RULES = {f"R{number}" for number in range(1, 43)}
STATUSES = {"delivered", "partial", "pending"}


def said() -> dict[str, dict[str, str]]:
    return tomllib.loads((ROOT / "tests/house/rules.toml").read_text())


def marked() -> dict[str, list[str]]:
    """For each rule named in a @pytest.mark.rule("R7", ...) the tests, classes or modules that name it."""
    found: dict[str, list[str]] = {}
    for path in files():
        if path.suffix != ".py" or not path.is_relative_to(ROOT / "tests"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.rule":
                for argument in node.args:
                    place = f"{path.relative_to(ROOT)}:{node.lineno}"
                    found.setdefault(str(ast.literal_eval(argument)), []).append(place)
    return found


def test_every_rule_has_a_status():
    rules = said()
    assert set(rules) == RULES, (
        f"rules.toml lacks {RULES - set(rules)}, or names too many: {set(rules) - RULES}"
    )
    wrong = {name: rule for name, rule in rules.items() if rule.get("status") not in STATUSES}
    assert not wrong, f"a status is one of {STATUSES}: {wrong}"
    silent = [name for name, rule in rules.items() if rule["status"] == "partial" and not rule.get("missing")]
    assert not silent, f'say what is missing (missing = "..."): {silent}'


def test_a_delivered_rule_has_a_test():
    tested = marked()
    bare = [name for name, rule in said().items() if rule["status"] != "pending" and name not in tested]
    assert not bare, f'no test is marked @pytest.mark.rule("...") for {bare}'


def test_a_tested_rule_is_known():
    unknown = {name: places for name, places in marked().items() if name not in RULES}
    assert not unknown, f"no such rule: {unknown}"
