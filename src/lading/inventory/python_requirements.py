"""`requirements.txt`: what pip is told to install, as far as it is pinned.

One requirement a line, a backslash at the end continues it, ` #` begins a comment. Only `==` and
`===` say what will be there; ranges, URLs, options and included files (`-r`) do not.
Specification: https://pip.pypa.io/en/stable/reference/requirements-file-format/
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lading.inventory.content import text_of
from lading.inventory.pins import Pin, is_own, packages
from lading.inventory.pypi_name import normal
from lading.model.fact import Fact
from lading.oci.reader import MIB, FileReader, TreeFile

_NAME = "python/requirements"
MAX_LINE = 65_536

_REQUIREMENT = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*+)\s*+(?:\[[^\]]*+\])?\s*+\(?\s*+([=<>!~].*+)\Z")
_PIN = re.compile(r"\s*+={2,3}\s*+([A-Za-z0-9][A-Za-z0-9.!+_-]*+)\s*+\Z")


def read(file: TreeFile) -> Iterator[Fact]:
    """Yield each pinned requirement, at the line where it begins."""
    if is_own(file.path):
        yield from packages(file, "pypi", _NAME, _pins(text_of(file)))


def _pins(content: str) -> Iterator[Pin]:
    for number, line in _joined(content):
        requirement = _REQUIREMENT.match(_bare(line))
        if requirement is None:
            continue
        pins = [_PIN.match(clause) for clause in requirement[2].rstrip(") \t").split(",")]
        versions = {pin[1] for pin in pins if pin}
        if len(versions) == 1:
            yield Pin(normal(requirement[1]), versions.pop(), number)


def _joined(content: str) -> Iterator[tuple[int, str]]:
    """Yield logical lines with the number of their first; one over `MAX_LINE` characters is passed over."""
    first, parts, length = 1, list[str](), 0
    for number, line in enumerate(content.splitlines(), 1):
        length += len(line)
        is_comment = line.lstrip().startswith("#")
        if line.endswith("\\") and not is_comment:
            parts += [line[:-1]] if length <= MAX_LINE else []
            continue
        if length <= MAX_LINE and not is_comment:
            yield first, "".join([*parts, line])
        elif is_comment and parts:
            yield first, "".join(parts)
        first, parts, length = number + 1, [], 0
    if parts:
        yield first, "".join(parts)


def _bare(line: str) -> str:
    """Return the line without comment, options (`--hash`) and marker."""
    for end in (" #", "\t#", " --", "\t--", ";"):
        line = line.partition(end)[0]
    return line.strip()


REQUIREMENTS = FileReader(
    name=_NAME, paths=("**/*requirements*.txt", "**/requirements/*.txt"), read=read, max_bytes=4 * MIB
)
