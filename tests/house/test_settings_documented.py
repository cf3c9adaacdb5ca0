"""docs/settings.md lists exactly what the product reads from its environment, with the same defaults."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.sources import PACKAGES, ROOT, files

PAGE = ROOT / "docs/settings.md"


def modules() -> Iterator[Path]:
    return (path for path in files() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in PACKAGES)


def names_read() -> dict[str, ast.Call]:
    """Every env.<kind>("NAME", ...): the settings' own, and what a channel's drawer reads for itself."""
    found = {}
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(ast.Attribute(ast.Name("env")), [ast.Constant(str(name)), *_]):
                    assert name not in found, (
                        f"{name} is read twice; the second time in {path.relative_to(ROOT)}"
                    )
                    found[name] = node
    return found


def names_listed() -> dict[str, str]:
    """Name and default of every row of the page's tables."""
    rows = re.findall(r"^\| `([A-Z_]+)` \| ([^|]*) \| [^|]+ \|$", PAGE.read_text(), re.MULTILINE)
    return {name: default.strip().strip("`") for name, default in rows}


def test_every_setting_is_listed_and_every_listed_setting_is_read():
    read, listed = set(names_read()), set(names_listed())
    assert not read - listed, f"docs/settings.md does not list {sorted(read - listed)}"
    assert not listed - read, f"docs/settings.md lists what nothing reads: {sorted(listed - read)}"


def test_the_listed_defaults_are_the_real_ones():
    """Where the default is plain; the page puts the others into words."""
    listed = names_listed()
    for name, call in names_read().items():
        default = next((word.value for word in call.keywords if word.arg == "default"), None)
        if isinstance(default, ast.Constant) and default.value != "":
            written = listed[name].replace("\u202f", "").replace(",", "")
            assert written == str(default.value), f"docs/settings.md says {written!r} for {name}"


def test_nothing_else_reads_the_environment():
    """One place decides; the rest of the product asks django.conf.settings."""
    for path in modules():
        name = str(path.relative_to(ROOT))
        # The last two set DJANGO_SETTINGS_MODULE; embedded/ hands an environment on to its children.
        may = name in {"feedback/environment.py", "feedback/celery.py", "feedback/wsgi.py"}
        if not may and not name.startswith("feedback/embedded/"):
            assert not re.search(r"os\.environ|os\.getenv", path.read_text()), f"{name} reads os.environ"
