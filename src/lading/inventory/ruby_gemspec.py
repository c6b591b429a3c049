"""Installed Ruby gems: the `.gemspec` files that RubyGems writes into `specifications/`.

A gemspec is a Ruby program. RubyGems writes it itself on installation, one assignment of literals a
line, with a comment `# stub: name version platform paths` above, which it reads back without
running Ruby; so do we. Where an assignment is no literal (a default gem's spec may be its author's),
stub and file name (`name-version-platform.gemspec`) tell.
Format: https://guides.rubygems.org/specification-reference/
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lading.errors import MalformedError
from lading.inventory.content import text_of
from lading.inventory.pins import stated
from lading.model.package import Location, Package
from lading.oci.reader import MIB, FileReader, TreeFile

_NAME = "ruby/gemspec"

_ASSIGNMENT = re.compile(r"\s*+[a-z_]\w*+\.(name|version|licenses?)\s*+=\s*+(\S.*+)\Z")
_LITERAL = re.compile(
    r"""\s*+(?:"((?:[^"\\#]|\\.)*+)"|'((?:[^'\\]|\\.)*+)'|%q(?:\{([^}]*+)\}|<([^>]*+)>|\(([^)]*+)\)|\[([^\]]*+)\]))"""
    r"(?:\.freeze)?+\s*+"
)
_VERSION_OBJECT = re.compile(r"\A(?:::)?Gem::Version\.new\s*+\(?+(.*?)\)?+\Z")
_ESCAPED = re.compile(r"\\(.)")
_STUB = re.compile(r"# stub: (\S++) (\S++) ")
_FULL_NAME = re.compile(r"(.+?)-([0-9][^-]*+)(?:-.+)?\Z")
MAX_LINE = 4096


def read(file: TreeFile) -> Iterator[Package]:
    """Yield the gem. Raises `MalformedError` if neither the file nor its name tells name and version."""
    found: dict[str, tuple[str, ...]] = {}
    for line in text_of(file).splitlines():
        if comment := _STUB.match(line):
            found.setdefault("stub", (comment[1], comment[2]))
        assignment = _ASSIGNMENT.match(line) if len(line) <= MAX_LINE else None
        if assignment:
            found.setdefault(assignment[1], _literals(assignment[2]))
    called = _FULL_NAME.match(file.path.rpartition("/")[2].removesuffix(".gemspec"))
    stub = found.get("stub") or (called.groups() if called else ("", ""))
    name = _stated(found.get("name")) or stated(stub[0])
    version = _stated(found.get("version")) or stated(stub[1])
    if not (name and version):
        raise MalformedError("gemspec without a literal name and version", file.path)
    yield Package(
        type="gem",
        name=name,
        version=version,
        licenses=found.get("licenses") or found.get("license", ()),
        locations=(Location(file.path),),
        key=file.path,
        reader=_NAME,
    )


def _stated(values: tuple[str, ...] | None) -> str:
    return stated(values[0]) if values else ""


def _literals(expression: str) -> tuple[str, ...]:
    """Return the strings of a literal or an array of literals; none if there is anything else in it."""
    wrapped = _VERSION_OBJECT.match(expression.strip())
    whole = wrapped[1] if wrapped else expression.strip()
    inner, _, after = whole[1:].rpartition("]") if whole.startswith("[") else (whole, "", "")
    values: list[str] = []
    at = 0
    while literal := _LITERAL.match(inner, at):
        values.append(_unescaped(literal))
        at = literal.end()
        if inner[at : at + 1] != ",":
            break
        at += 1
    rest = (inner[at:] + after).removeprefix(".freeze").strip()
    return tuple(filter(None, values)) if not rest or rest.startswith("#") else ()


def _unescaped(literal: re.Match[str]) -> str:
    value: str = next(group for group in literal.groups() if group is not None)
    return _ESCAPED.sub(r"\1", value)


GEMSPEC = FileReader(
    name=_NAME,
    paths=("**/specifications/*.gemspec", "**/specifications/default/*.gemspec"),
    read=read,
    max_bytes=4 * MIB,
)
