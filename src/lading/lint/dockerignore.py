"""What `.dockerignore` keeps out of a build context.

A pattern a line, `#` for comments, `!` to let in again; the last one that fits decides. `*` and `?` stop at
slashes, `**` does not. A pattern that fits a folder fits all in it.
https://docs.docker.com/build/concepts/context/#dockerignore-files
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

import msgspec

MAX_BYTES = 2**20
MAX_PATTERNS = 2000
MAX_STARS = 16


class Patterns(msgspec.Struct, frozen=True):
    """The patterns of a file, in order: what they fit, and whether they let in again."""

    patterns: tuple[tuple[re.Pattern[str], bool], ...]

    def ignores(self, path: str) -> bool:
        """Whether a path, relative to the context, is kept out."""
        path = posixpath.normpath(path.lstrip("/"))
        parts = path.split("/")
        starts = ["/".join(parts[: end + 1]) for end in range(len(parts))]
        ignored = False
        for pattern, lets_in in self.patterns:
            if ignored == lets_in and any(pattern.fullmatch(start) for start in starts):
                ignored = not lets_in
        return ignored

    @property
    def lets_in(self) -> bool:
        """Whether any pattern lets something in again."""
        return any(lets_in for _, lets_in in self.patterns)


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


def read(context: Path, dockerfile: str) -> Patterns:
    """Return the patterns that hold for a Dockerfile; none where the file cannot be read."""
    path = find(context, dockerfile)
    if path is None:
        return Patterns(())
    try:
        with path.open("rb") as file:
            text = file.read(MAX_BYTES).decode("utf-8-sig", "replace")
    except OSError:
        return Patterns(())
    return parse(text)


def parse(text: str) -> Patterns:
    """Return the patterns in the text of an ignore file."""
    found = []
    for line in text.splitlines()[:MAX_PATTERNS]:
        pattern = "" if line.startswith("#") else line.strip()
        lets_in = pattern.startswith("!")
        pattern = pattern.removeprefix("!").strip()
        # A pattern with this many stars is nobody's, and would take its time.
        if not pattern or pattern.count("*") > MAX_STARS:
            continue
        pattern = posixpath.normpath(pattern).lstrip("/")
        if pattern and pattern != ".":
            found.append((_compiled(pattern), lets_in))
    return Patterns(tuple(found))


def matcher(pattern: str) -> re.Pattern[str] | None:
    """Return what a source of COPY fits, with `*` and `?`; None for one with too many stars."""
    return None if pattern.count("*") > MAX_STARS else _compiled(posixpath.normpath(pattern).lstrip("/"))


def _compiled(pattern: str) -> re.Pattern[str]:
    done: list[str] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if pattern.startswith("**", at):
            at += 2
            slash = pattern.startswith("/", at)
            at += slash
            done.append("(?:.*/)?" if slash else ".*")
            continue
        at += 1
        if char == "\\" and at < len(pattern):
            done.append(re.escape(pattern[at]))
            at += 1
        else:
            done.append({"*": "[^/]*", "?": "[^/]"}.get(char) or re.escape(char))
    return re.compile("".join(done), re.DOTALL)
