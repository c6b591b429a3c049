"""What `.dockerignore` keeps out of a build context.

A pattern a line, `#` for comments, `!` to let in again; the last one that fits decides. A pattern that fits a
folder fits all in it. See `ignore_pattern` for what a pattern fits.
https://docs.docker.com/build/concepts/context/#dockerignore-files
"""

from __future__ import annotations

import posixpath
from pathlib import Path

from lading.dockerfile.ignore_pattern import IgnorePattern, compiled
from lading.errors import LimitError, MalformedError
from lading.record import Record

MAX_BYTES = 2**20
MAX_PATTERNS = 10_000
_MARK = "\ufeff"
# White space to Go; Python counts the separators 0x1c to 0x1f as well.
_SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))

Inherited = tuple[bool, ...]
"""Which patterns fit a folder, or one that it is in; empty above all folders."""


class Patterns(Record):
    """The patterns of a file, in order."""

    patterns: tuple[IgnorePattern, ...] = ()

    def ignores(self, path: str) -> bool:
        """Whether a path, relative to the context, is kept out."""
        path = clean("/" + path).lstrip("/")
        ignored, inherited = False, Inherited()
        names = path.split("/") if path else []
        for end in range(1, len(names) + 1):
            ignored, inherited = self.below("/".join(names[:end]), inherited)
        return ignored

    def below(self, path: str, inherited: Inherited) -> tuple[bool, Inherited]:
        """Return whether a path is kept out, and what all below it inherits.

        inherited: from the folder that it is in.
        """
        ignored = False
        found: list[bool] = []
        for number, pattern in enumerate(self.patterns):
            fits = bool(inherited) and inherited[number]
            # What would not change anything is not asked; Docker relies on that.
            if not fits and pattern.lets_in == ignored:
                fits = pattern.fits(path)
            found.append(fits)
            if fits:
                ignored = not pattern.lets_in
        return ignored, tuple(found)

    @property
    def lets_in(self) -> bool:
        """Whether any pattern lets something in again."""
        return any(pattern.lets_in for pattern in self.patterns)

    def lets_in_below(self, folder: str) -> bool:
        """Whether anything in a folder that is kept out might be let in again."""
        return any(pattern.lets_in and _meet(pattern, folder) for pattern in self.patterns)

    def reaches_below(self, folder: str) -> bool:
        """Whether a pattern that does not let in might fit anything in a folder."""
        return any(not pattern.lets_in and _meet(pattern, folder) for pattern in self.patterns)


def _meet(pattern: IgnorePattern, folder: str) -> bool:
    """Whether a pattern might fit something in a folder, by the folders that all that it fits is in."""
    start, folder = pattern.prefix + "/", folder + "/"
    return not pattern.prefix or start.startswith(folder) or folder.startswith(start)


def find(context: Path, dockerfile: str) -> Path | None:
    """Return the ignore file that holds for a Dockerfile: its own, else that of the context; None if there is none."""
    own = Path(dockerfile + ".dockerignore")
    for path in (own, context / own.name, context / ".dockerignore"):
        try:
            if path.is_file():
                return path
        except (OSError, ValueError):
            continue
    return None


def parse(data: bytes, where: str) -> Patterns:
    """Return the patterns in the content of an ignore file.

    Raises `MalformedError`, at `where` and line, for what is no pattern, `LimitError` for a file that is too large.
    """
    if len(data) > MAX_BYTES:
        raise LimitError(f"an ignore file of over {MAX_BYTES >> 10} KiB", where)
    found: list[IgnorePattern] = []
    lines = data.decode("utf-8", "surrogateescape").removeprefix(_MARK).split("\n")
    for number, line in enumerate(lines, 1):
        text = _pattern(line.removesuffix("\r"))
        if not text:
            continue
        if len(found) == MAX_PATTERNS:
            raise LimitError(f"an ignore file of over {MAX_PATTERNS} patterns", where)
        try:
            found.append(compiled(text))
        except MalformedError as error:
            raise MalformedError(error.message, f"{where}:{number}", error.hint) from error
    return Patterns(tuple(found))


def patterns(texts: tuple[str, ...]) -> Patterns:
    """Return patterns that stand elsewhere, such as in `--exclude`. Raises `MalformedError`."""
    cleaned = [clean(text.strip(_SPACES)) for text in texts if text.strip(_SPACES)]
    return Patterns(tuple(compiled(text) for text in cleaned))


def _pattern(line: str) -> str:
    """Return the pattern in a line, cleaned, `!` before it; empty where there is none."""
    text = "" if line.startswith("#") else line.strip(_SPACES)
    if not text:
        return ""
    is_letting_in = text.startswith("!")
    text = text[is_letting_in:].strip(_SPACES)
    text = clean(text) if text else ""
    if len(text) > 1:
        text = text.removeprefix("/")
    return clean("!" * is_letting_in + text)


def clean(path: str) -> str:
    """Return the shortest form of a path, with `.` and `..` resolved."""
    path = posixpath.normpath(path)
    return path[1:] if path.startswith("//") else path
