"""No file of the project names a package index, a mirror or a place on somebody's machine."""

import re

from tests.house.sources import ROOT, texts

# One letter in brackets, so that this file does not name what it looks for.
INDEX = [
    r"pypi[.](org|python[.]org)",
    r"files[.]pythonhosted[.]org",
    r"/[s]imple/?(\s|$|[\"'])",
    r"--(extra-)?index[-]url",
    r"--find[-]links",
    r"\b(mirrors?|nexus|artifactory|devpi)[.][a-z0-9-]+[.][a-z]",
    r"registry[.](npmjs|yarnpkg)",
]
MACHINE = [r"/[h]ome/[a-z]\w*", r"/[U]sers/\w+", r"/[r]oot\b", r"\b[A-Z]:\\+Users"]

# Options that keep addresses out of the lock have to be named where the lock is made.
SAYS_NOT_TO = re.compile(r"--no-emit-(index-url|find-links)\b")


def test_no_index_and_no_machine():
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for path, text in texts()
        for number, line in enumerate(SAYS_NOT_TO.sub("", text).splitlines(), start=1)
        for pattern in (*INDEX, *MACHINE)
        if re.search(pattern, line)
    ]
    assert not found, "\n".join(["an address that holds on one machine only:", *found])


def test_the_locks_hold_names_versions_and_hashes_only():
    line = re.compile(
        r"^([a-z0-9][a-z0-9.\-\[\],]*==\S+( ; .+)?( \\)?|    --hash=sha256:[0-9a-f]{64}( \\)?)$"
    )
    for name in ("production", "runtime", "development"):
        lock = (ROOT / f"requirements/{name}.txt").read_text()
        odd = [text for text in lock.splitlines() if not line.match(text)]
        assert not odd, f"requirements/{name}.txt: {odd[:5]}; make it by `make lock`"
