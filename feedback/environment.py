"""How the settings read their environment: `env.str("NAME", ...)`, or the file that NAME_FILE points to."""

import base64
import binascii
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping


class Stripped(FileAwareMapping):  # type: ignore[misc]  # django-environ has no types
    """Values without the newline that nearly every editor puts at the end of a secret's file."""

    def __getitem__(self, key: str) -> str:
        return str(super().__getitem__(key)).strip()


class Environment(environ.FileAwareEnv):  # type: ignore[misc]  # django-environ has no types
    ENVIRON = Stripped()


def kept(file: Path, make: Callable[[], str]) -> str:
    """What the file holds; made and written once, readable by its owner alone, if it is not there.

    Several processes may come at the same moment: the first to link its file wins, the others read that one.
    """
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
            handle.write(make() + "\n")
        try:
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return file.read_text().strip()


def new_key() -> str:
    """256 random bits in base64url."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")


def key(name: str, text: str) -> bytes:
    """The bytes of a base64url text, padded or not; ImproperlyConfigured when it is none or too short to be a key."""
    try:
        found = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise ImproperlyConfigured(f"{name}: {error}; a key is base64url, for example {new_key()}") from error
    if len(found) < 16:
        raise ImproperlyConfigured(f"{name}: a key needs at least 16 bytes, for example {new_key()}")
    return found


def keys(name: str, text: str) -> dict[str, bytes]:
    """`id:base64url,id:base64url` as a mapping in the order written: the first is the one to sign with."""
    pairs = [part.strip().partition(":") for part in text.split(",") if part.strip()]
    found = {identifier: key(f"{name} {identifier}", value) for identifier, _, value in pairs}
    if not found or len(found) != len(pairs) or "" in found:
        raise ImproperlyConfigured(
            f"{name}: expected id:key,id:key with ids that differ, for example 1:{new_key()}"
        )
    return found


def plain(options: dict[str, Any]) -> dict[str, Any]:
    """The options of a URL's query, which are all words, as the None, truth values and numbers that they spell."""
    words: dict[str, Any] = {"None": None, "True": True, "False": False}
    return {
        name: int(value) if str(value).isdecimal() else words.get(value, value)
        for name, value in options.items()
    }


def quiet_hours(text: str) -> tuple[int, int] | None:
    """`20-9` as (20, 9): nothing leaves from 20:00 to 9:00 of the customer's day. Empty is None: no such hours."""
    if not text:
        return None
    start, dash, end = text.partition("-")
    if not (
        dash and start.isdecimal() and end.isdecimal() and int(start) < 24 and int(end) < 24 and start != end
    ):
        raise ImproperlyConfigured(f"QUIET_HOURS: {text!r} is not two different hours like 20-9, nor empty")
    return int(start), int(end)
