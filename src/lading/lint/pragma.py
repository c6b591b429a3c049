"""Comments that tell the linter something.

    # hadolint ignore=DL3008,SC2086         for the instruction below (`# lading ignore=` likewise)
    # hadolint global ignore=DL3008         for the whole file
    # hadolint shell=bash                   the shell that runs commands
    # check=skip=StageNameCasing;error=true the directive of Docker's build checks

https://github.com/hadolint/hadolint#inline-ignores
https://docs.docker.com/build/checks/
"""

from __future__ import annotations

import re

import msgspec

from lading.dockerfile.parse import Dockerfile
from lading.lint.config import Config

_FORM = re.compile(
    r"(?:hadolint|lading)[ \t]+(?:(global)[ \t]+)?(ignore|shell)[ \t]*=[ \t]*(.*)", re.IGNORECASE
)


class Pragmas(msgspec.Struct, frozen=True):
    """What they say. everywhere: codes ignored in all of the file. lines: line -> codes ignored there.

    shell: as named; empty if it is not. skipped: names of Docker's checks, in lower case; `all` for each.
    fails: Docker's `error=true`.
    """

    everywhere: frozenset[str] = frozenset()
    lines: dict[int, frozenset[str]] = {}
    shell: str = ""
    skipped: frozenset[str] = frozenset()
    fails: bool = False

    def suppress(self, code: str, *lines: int) -> bool:
        """Whether a code is not to be reported on these lines."""
        if code in self.everywhere or code.lower() in self.skipped:
            return True
        if "all" in self.skipped and not code.startswith(("DL", "LD", "SC")):
            return True
        return any(code in self.lines.get(line, ()) for line in lines)


def read(file: Dockerfile, config: Config) -> Pragmas:
    """Return what the comments of a file say; only the shell if the configuration wants no pragmas."""
    everywhere: set[str] = set()
    lines: dict[int, frozenset[str]] = {}
    shell = ""
    for comment in file.comments:
        found = _FORM.match(comment.text) if "=" in comment.text else None
        if found is None:
            continue
        codes = frozenset(filter(None, (code.strip() for code in found[3].split(","))))
        if found[2].lower() == "shell":
            shell = found[3].strip()
        elif found[1]:
            everywhere |= codes
        else:
            lines[comment.line] = codes
    if not config.pragmas:
        return Pragmas(shell=shell)
    skipped, fails = _checks(file)
    return Pragmas(frozenset(everywhere), _below(file, lines), shell, skipped, fails)


def _below(file: Dockerfile, lines: dict[int, frozenset[str]]) -> dict[int, frozenset[str]]:
    """Return for each first line of an instruction the codes that the comments right above it ignore."""
    found: dict[int, frozenset[str]] = {}
    for one in file.instructions if lines else ():
        codes = frozenset().union(*(lines.get(comment.line, ()) for comment in one.comments))
        if codes:
            found[one.line] = codes
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
