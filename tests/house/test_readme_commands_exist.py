"""What the README and the docs tell people to type is there, and what they point at exists."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from tests.house.sources import ROOT, files

README = ROOT / "README.md"
PAGES = sorted(
    path
    for path in files()
    if path.suffix == ".md" and (path.parent == ROOT or path.is_relative_to(ROOT / "docs"))
)
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def words(page: Path) -> str:
    """The page without its blocks of code."""
    return FENCED.sub("", page.read_text(encoding="utf-8"))


def commands(page: Path, program: str) -> Iterator[list[str]]:
    """What follows the program's name wherever the page's code calls it, as words of the shell."""
    text = page.read_text(encoding="utf-8")
    lines = [line for _, block in FENCED.findall(text) for line in block.splitlines()]
    lines += re.findall(r"`([^`\n]+)`", words(page))
    for line in lines:
        if re.search(rf"(^|\s){re.escape(program)}\s", line):
            said = shlex.split(line, comments=True)
            if program in said:
                yield said[said.index(program) + 1 :]


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def anchors(page: Path) -> set[str]:
    """The places in a page that a link can name, as GitHub makes them from headings."""
    headings = re.findall(r"^#+ (.+)$", words(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_exists(page):
    for said in commands(page, "make"):
        for word in said:
            if "=" not in word and not word.startswith("-"):
                assert word in targets(), f"{page.name} says: make {' '.join(said)}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_management_command_and_its_options_exist(page):
    known = get_commands()
    for name, *arguments in commands(page, "manage.py"):
        assert name in known, f"{page.name} says: manage.py {name}"
        command = load_command_class(str(known[name]), name)
        options = command.create_parser("manage.py", name)._option_string_actions
        for argument in arguments:
            if argument.startswith("-") and argument != "-":
                assert argument in options, f"{page.name} says: manage.py {name} {argument}"


def test_the_readme_calls_something():
    """Were the code not found, the tests above would hold for nothing."""
    assert len(list(commands(README, "make"))) >= 5
    assert len(list(commands(README, "manage.py"))) >= 5


def test_every_make_target_has_a_word_of_help():
    described = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert targets() == described


def test_the_readmes_environment_is_made_of_settings():
    listed = set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs/settings.md").read_text(), re.MULTILINE))
    text = README.read_text(encoding="utf-8")
    [environment] = [block for _, block in FENCED.findall(text) if "answerback.env <<END" in block]
    set_there = set(re.findall(r"^([A-Z_]+)=", environment, re.MULTILINE))
    [table] = re.findall(r"^## Settings\n(.*?)^## ", text, re.MULTILINE | re.DOTALL)
    in_table = {
        name
        for row in re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", row)
    }
    assert set_there
    assert in_table
    assert (set_there | in_table) <= listed


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page):
    for link in LINK.findall(words(page)):
        if re.match(r"[a-z]+:", link):
            continue  # the net is not asked
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{page.name} points at {link}"
        if anchor:
            assert anchor in anchors(target), f"{page.name} points at {link}"


def test_every_decision_is_in_the_list():
    folder = ROOT / "docs/decisions"
    listed = [link for link in LINK.findall(words(folder / "README.md")) if link.endswith(".md")]
    assert sorted(listed) == sorted(path.name for path in folder.glob("[0-9]*.md"))
    numbers = [int(name[:4]) for name in listed]
    assert numbers == list(range(1, len(numbers) + 1))
