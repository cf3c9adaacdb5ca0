"""Every word that can be read is there in Chinese, and what runs is what was translated."""

import pytest

from tests.house import messages
from tests.house.sources import PACKAGES


@pytest.mark.parametrize("package", PACKAGES)
def test_every_string_is_translated(package):
    there = messages.kept(package)
    missing = [
        f"{message.locations[0][0]}: {message.id!r}"
        for message in messages.found(package)
        if message.id
        and (
            (kept := messages.same(message, there)) is None
            or kept.fuzzy
            or not all(messages.translations(kept))
        )
    ]
    assert not missing, "\n".join(["run `make messages` and translate in the .po file:", *missing])


@pytest.mark.parametrize("package", PACKAGES)
def test_placeholders_survive_translation(package):
    """A translation that loses or invents a placeholder fails only when a customer reads it."""
    wrong = []
    for message in messages.kept(package):
        # Chinese has one form, and it speaks for the plural.
        original = message.id if isinstance(message.id, str) else message.id[-1]
        expected = sorted(messages.PLACEHOLDER.findall(original))
        wrong += [
            f"{message.id!r} -> {translation!r}"
            for translation in messages.translations(message)
            if message.id and translation and sorted(messages.PLACEHOLDER.findall(translation)) != expected
        ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("package", PACKAGES)
def test_the_compiled_file_is_the_translated_one(package):
    po = messages.po_file(package)
    if po.exists():
        assert po.with_suffix(".mo").read_bytes() == messages.compiled(messages.kept(package)), (
            "run `make messages`"
        )
