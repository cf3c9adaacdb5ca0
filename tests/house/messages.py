"""The Chinese words: found in the sources, kept in .po files, compiled to .mo, all without gettext's programs.

`make messages` runs this: it adds what is new with an empty translation, drops what is gone, compiles, and says how
many are still to be translated. It finds what Django's own makemessages would find.
"""

import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from tests.house.sources import PACKAGES, ROOT, files

LOCALE = "zh_Hans"
KEYWORDS = DEFAULT_KEYWORDS | {
    f"{name}{ending}": DEFAULT_KEYWORDS[name]
    for name in ("gettext", "ngettext", "pgettext", "npgettext")
    for ending in ("_lazy", "_noop")
}
# What is filled in: by Django's templates and %, by str.format, and while sending (%%link%%, doubled in a template).
PLACEHOLDER = re.compile(r"%%(?:%%)?\w+%%(?:%%)?|%\(\w+\)[sdrf]|(?<!%)%[sdrf]|\{\w*(?:[:!][^}]*)?\}")
# The header says nothing of when and who: it would change with every run.
NO_DAY = datetime(2026, 1, 1, tzinfo=UTC)


def po_file(package: str) -> Path:
    return ROOT / package / "locale" / LOCALE / "LC_MESSAGES" / "django.po"


def sources(package: str) -> Iterator[Path]:
    """Python modules and templates of a package, migrations left out: they repeat the models."""
    for path in sorted(files()):
        if not path.is_relative_to(ROOT / package) or "migrations" in path.parts:
            continue
        if path.suffix == ".py" or ("templates" in path.parts and path.suffix in {".html", ".txt"}):
            yield path


def found(package: str) -> Catalog:
    """Everything translatable in the package's sources."""
    catalog = Catalog(
        locale=LOCALE, project="Answerback", creation_date=NO_DAY, revision_date=NO_DAY, fuzzy=False
    )
    catalog.header_comment = "# Simplified Chinese; kept up to date by `make messages`."
    for path in sources(package):
        text = path.read_text(encoding="utf-8")
        if path.suffix != ".py":
            # Django turns a template into calls of gettext; their indentation would confuse Python's tokens.
            text = "\n".join(line.strip() for line in templatize(text, origin=str(path)).splitlines())
        words = extract("python", BytesIO(text.encode()), KEYWORDS, comment_tags=("Translators:",))
        for line, identifier, comments, context in words:
            catalog.add(
                identifier,
                locations=[(path.relative_to(ROOT).as_posix(), line)],
                auto_comments=comments,
                context=context,
            )
    return catalog


def kept(package: str) -> Catalog:
    """What the package's .po file says now."""
    if not po_file(package).exists():
        return Catalog(locale=LOCALE)
    with po_file(package).open("rb") as handle:
        return read_po(handle, locale=LOCALE, domain="django")


def same(message: Message, catalog: Catalog) -> Message | None:
    """The catalog's entry for the same words in the same sense."""
    there = catalog.get(message.id, message.context)
    return there if there is not None and there.id == message.id else None


def compiled(catalog: Catalog) -> bytes:
    buffer = BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


def translations(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ("",))


def update(package: str) -> int:
    """Write the package's .po and .mo anew. Out: how many messages have no translation yet."""
    catalog, before = found(package), kept(package)
    messages = [message for message in catalog if message.id]
    if not messages:
        return 0
    for message in messages:
        there = same(message, before)
        if there is not None:
            message.string, message.flags = there.string, message.flags | (there.flags & {"fuzzy"})
    po_file(package).parent.mkdir(parents=True, exist_ok=True)
    with po_file(package).open("wb") as handle:
        write_po(handle, catalog, width=100, include_lineno=False, sort_by_file=True, ignore_obsolete=True)
    po_file(package).with_suffix(".mo").write_bytes(compiled(kept(package)))
    return sum(not all(translations(message)) or message.fuzzy for message in messages)


def main() -> None:
    for package in PACKAGES:
        missing = update(package)
        sys.stdout.write(f"{package}: {missing or 'nothing'} to translate\n")


if __name__ == "__main__":
    main()
