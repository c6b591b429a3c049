"""go.mod: the modules that a Go module requires, of which its builds are made.

Lines of words, `//` begins a comment, a directive may hold several lines in parentheses:
`require path version`, `replace old [version] => new [version]`, `exclude path version`. Since
Go 1.17 all modules that a build needs are listed, the indirect ones too; before that only the
direct ones, and the rest cannot be known from this file: that is reported as skipped.

`go` and `toolchain` give the lowest version that will do, not the one that builds, so nothing
is said of the standard library.
Specification: https://go.dev/ref/mod#go-mod-file
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lading.errors import MalformedError
from lading.inventory.go_binary import DEVEL
from lading.model.fact import Fact, Skipped
from lading.model.package import Location, Package
from lading.oci.reader import MIB, FileReader, TreeFile

_NAME = "go/mod"
_WORD = re.compile(r'"[^"]*"|`[^`]*`|[()]|=>|[^\s()"`]+')
_COMPLETE_SINCE = (1, 17)
_GO_VERSION = re.compile(r"(\d{1,9})\.(\d{1,9})", re.ASCII)


@dataclass(slots=True)
class _Module:
    """What the directives say; versions are empty where a replacement is for, or by, no version."""

    required: list[tuple[str, str, int]] = field(default_factory=list)
    replaced: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    excluded: set[tuple[str, str]] = field(default_factory=set)
    go: tuple[int, int] = (0, 0)


def read(file: TreeFile) -> Iterator[Fact]:
    """Yield the required modules in the order of the file, replaced ones as what replaces them.

    Raises `MalformedError`, with path and line, for a directive that lacks a word.
    """
    module = _parse(file)
    for path, version, line in module.required:
        if (path, version) in module.excluded:
            continue
        new = module.replaced.get((path, version)) or module.replaced.get((path, ""))
        if new is not None:
            # A directory in place of a module: nobody knows which version is in it.
            path, version = (path, DEVEL) if new[0].startswith((".", "/")) else new  # noqa: PLW2901 - it is that module now
        place = Location(file.path, line)
        yield Package(type="golang", name=path, version=version, locations=(place,), reader=_NAME)
    if module.required and module.go < _COMPLETE_SINCE:
        reason = "lists direct requirements only, as it is for Go before 1.17"
        yield Skipped(_NAME, file.path, reason)


def _parse(file: TreeFile) -> _Module:
    try:
        text = file.data.decode()
    except UnicodeDecodeError as error:
        raise MalformedError(f"not UTF-8: {error}", where=file.path) from error
    module, block = _Module(), ""
    for line, content in enumerate(text.split("\n"), 1):
        words = _words(content)
        if not words:
            continue
        if block and words == [")"]:
            block = ""
        elif not block and words[1:] == ["("]:
            block = words[0]
        else:
            directive, rest = (block, words) if block else (words[0], words[1:])
            _apply(module, directive, rest, (file.path, line))
    return module


def _words(content: str) -> list[str]:
    # No path holds `//`, so it always begins a comment.
    return [word.strip('"`') for word in _WORD.findall(content.partition("//")[0])]


def _apply(module: _Module, directive: str, words: list[str], place: tuple[str, int]) -> None:
    where = f"{place[0]}:{place[1]}"
    if directive in {"require", "exclude"}:
        if len(words) != 2:  # noqa: PLR2004 - path and version
            raise MalformedError(f"{directive} needs a path and a version", where=where)
        if directive == "require":
            module.required.append((words[0], words[1], place[1]))
        else:
            module.excluded.add((words[0], words[1]))
    elif directive == "replace":
        old, new = _sides(words, where)
        module.replaced[old] = new
    elif directive == "go" and words:
        version = _GO_VERSION.match(words[0])
        module.go = (int(version[1]), int(version[2])) if version else (0, 0)


def _sides(words: list[str], where: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return (path, version) of what is replaced and of what replaces it; a version may be empty."""
    if "=>" in words:
        at = words.index("=>")
        old, new = words[:at], words[at + 1 :]
        if len(old) in {1, 2} and len(new) in {1, 2}:
            return (old[0], "".join(old[1:])), (new[0], "".join(new[1:]))
    raise MalformedError("replace needs a path, `=>` and a path", where=where)


GO_MOD = FileReader(name=_NAME, read=read, paths=("**/go.mod",), max_bytes=4 * MIB)
