"""yarn.lock: what yarn installs, in the form of yarn 1 and in the YAML of yarn 2 and later.

Both are written by machine: an entry begins at the margin with the ranges that it answers to,
comma-separated and ended by a colon (or, too long for that, after `? ` with the colon below); its
fields are indented by two. Yarn 1 writes `version "1.0"`, later ones `version: 1.0` and
`resolution: "name@npm:1.0"`, which also names the project's own packages (`@workspace:`) and those
at other protocols. Neither says what is for development only.
Specification: https://classic.yarnpkg.com/docs/yarn-lock/ , https://yarnpkg.com/configuration/yarnrc
"""

from __future__ import annotations

from collections.abc import Iterator

from lading.inventory.content import text_of
from lading.inventory.pins import MAX_LOCK_BYTES, Pin, is_own, packages
from lading.model.fact import Fact
from lading.oci.reader import FileReader, TreeFile

_NAME = "node/yarn-lock"
# What lies at these is the project's own; everything else came from elsewhere.
_OWN = ("workspace:", "link:", "portal:")


def read(file: TreeFile) -> Iterator[Fact]:
    """Yield one package for each entry, at its line; lines that fit nothing are passed over."""
    if is_own(file.path):
        yield from packages(file, "npm", _NAME, _pins(text_of(file)))


def _pins(content: str) -> Iterator[Pin]:
    for number, header, entry in _entries(content):
        descriptor = entry.get("resolution") or header.split(",", 1)[0].strip().strip('"')
        name, wanted = _split(descriptor)
        if header == "__metadata" or wanted.startswith(_OWN):
            continue
        if wanted.startswith("npm:") and "@" in wanted[5:]:
            name = _split(wanted[4:])[0]
        yield Pin(name, entry.get("version", ""), number)


def _entries(content: str) -> Iterator[tuple[int, str, dict[str, str]]]:
    """Yield line, header without colon, and the fields `version` and `resolution` of each entry."""
    number, header, entry = 0, "", dict[str, str]()
    for at, line in enumerate(content.splitlines(), 1):
        if line[:1] not in ("", " ", "#", "\t", ":"):
            if header:
                yield number, header, entry
            number, header, entry = at, line.rstrip().rstrip(":"), {}
        elif line.startswith("  ") and line[2:3] not in (" ", ""):
            key, _, value = line.strip().partition(" ")
            if key.rstrip(":") in ("version", "resolution"):
                entry[key.rstrip(":")] = value.strip().strip('"')
    if header:
        yield number, header, entry


def _split(descriptor: str) -> tuple[str, str]:
    """Split `name@range`, where the name may begin with `@`."""
    at = descriptor.find("@", 1)
    return (descriptor, "") if at < 0 else (descriptor[:at], descriptor[at + 1 :])


YARN_LOCK = FileReader(name=_NAME, paths=("**/yarn.lock",), read=read, max_bytes=MAX_LOCK_BYTES)
