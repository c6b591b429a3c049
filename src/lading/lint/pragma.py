"""Comments that tell the linter something.

    # hadolint ignore=DL3008,SC2086         for the instruction in the next line
    # lading ignore=DL3008                  for the instruction below, or around
    # hadolint global ignore=DL3008         for the whole file
    # hadolint shell=bash                   the shell that runs commands, as SHELL; at the top for all of the file
    # check=skip=StageNameCasing;error=true the directive of Docker's build checks

https://github.com/hadolint/hadolint#inline-ignores
https://docs.docker.com/build/checks/
"""

from __future__ import annotations

import re

from lading.dockerfile.parse import Dockerfile
from lading.lint.hadolint_config import Config
from lading.record import Record

# Compiled when there is a comment that may be one.
FORM = r"(hadolint|lading)[ \t]+(?:(global)[ \t]+)?(?:(ignore)|(shell))[ \t]*=[ \t]*([^#]*)(?:#.*)?"
"""Whose pragma, `global`, `ignore` or `shell`, and its value, with the space behind it."""
CODES = r"[A-Za-z0-9]+(?:[ \t]*,[ \t]*[A-Za-z0-9]+)*"
"""The value of an `ignore` that is one."""


class Pragmas(Record):
    """What they say. everywhere: codes ignored in all of the file. lines: line -> codes ignored there.

    shells: (line, as named). skipped: names of Docker's checks, in lower case; `all` for each.
    fails: Docker's `error=true`.
    """

    everywhere: frozenset[str] = frozenset()
    lines: dict[int, frozenset[str]] = {}
    shells: tuple[tuple[int, str], ...] = ()
    skipped: frozenset[str] = frozenset()
    fails: bool = False

    def suppress(self, names: tuple[str, ...], lines: tuple[int, ...]) -> bool:
        """Whether what has these names, its code first, is not to be reported on these lines."""
        if not self.everywhere.isdisjoint(names):
            return True
        if self.skipped and any(name.lower() in self.skipped for name in names):
            return True
        if "all" in self.skipped and any(not name.startswith(("DL", "LD", "SC")) for name in names):
            return True
        return any(not self.lines[line].isdisjoint(names) for line in lines if line in self.lines)


def read(file: Dockerfile, config: Config) -> Pragmas:
    """Return what the comments of a file say; only the shells if the configuration wants no pragmas."""
    everywhere: set[str] = set()
    hadolints: dict[int, frozenset[str]] = {}
    own: dict[int, frozenset[str]] = {}
    shells: list[tuple[int, str]] = []
    for comment in file.comments:
        found = re.fullmatch(FORM, comment.text) if "=" in comment.text else None
        if found is None:
            continue
        value = found[5].strip()
        if found[4]:
            shells.append((comment.line, value))
        elif re.fullmatch(CODES, value):
            codes = frozenset(code.strip() for code in value.split(","))
            if found[2]:
                everywhere |= codes
            else:
                (hadolints if found[1] == "hadolint" else own)[comment.line] = codes
    if not config.pragmas:
        return Pragmas(shells=tuple(shells))
    skipped, fails = _checks(file)
    return Pragmas(frozenset(everywhere), _lines(file, hadolints, own), tuple(shells), skipped, fails)


def _lines(
    file: Dockerfile, hadolints: dict[int, frozenset[str]], own: dict[int, frozenset[str]]
) -> dict[int, frozenset[str]]:
    """Return what is ignored on each line.

    hadolint looks at the line after its comment, and nowhere else. A comment of Lading's own counts for the
    instruction that it belongs to: it stands in the block of comments above, or among its lines.
    """
    found = {line + 1: codes for line, codes in hadolints.items()}
    for one in file.instructions if own else ():
        first = one.comments[0].line if one.comments else one.line
        codes = frozenset().union(*(own.get(line, ()) for line in range(first, one.end_line)))
        if codes:
            found[one.line] = found.get(one.line, frozenset()) | codes
    return found


def _checks(file: Dockerfile) -> tuple[frozenset[str], bool]:
    value = next((one.value for one in file.directives if one.name == "check"), "")
    skipped: set[str] = set()
    fails = False
    for part in value.split(";"):
        name, _, setting = part.partition("=")
        if name.strip() == "skip":
            skipped.update(one.strip().lower() for one in setting.split(","))
        elif name.strip() == "error":
            fails = setting.strip().lower() in {"true", "1", "t"}
    return frozenset(skipped), fails
