"""followups -> surveys -> feedback, and nothing first-party outside that contract."""

import tomllib

import pytest
from importlinter.cli import lint_imports

from tests.house.sources import PACKAGES, ROOT, files

# Modules at the top that are no package: they only start something.
STARTERS = {"manage.py"}


def test_the_contract_holds(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    assert lint_imports(config_filename="pyproject.toml", no_cache=True) == 0, capsys.readouterr().out


def test_every_module_is_under_the_contract():
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    under = set(contract["root_packages"])
    tops = {path.relative_to(ROOT).parts[0] for path in files() if path.suffix == ".py"}
    outside = tops - under - STARTERS - {"tests"}
    assert not outside, (
        f"no import contract covers {outside}: name it in [tool.importlinter] of pyproject.toml"
    )
    assert set(PACKAGES) == under
    assert set(contract["contracts"][0]["layers"]) == under


@pytest.mark.parametrize("package", PACKAGES)
def test_no_module_hides_outside_a_package(package):
    """The import graph does not see modules in a folder without __init__.py."""
    folders = {
        path.parent for path in files() if path.suffix == ".py" and path.is_relative_to(ROOT / package)
    }
    hidden = [str(folder.relative_to(ROOT)) for folder in folders if not (folder / "__init__.py").exists()]
    assert not hidden, f"add an __init__.py to {hidden}"
