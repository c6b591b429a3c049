"""Comments that switch a finding off: the edit that writes one, for who has decided so.

Codes that hadolint has are ignored in its words, so that both programs heed the comment; Lading's own and
Docker's in Lading's. A comment that ignores something there already gets the code added.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from lading.dockerfile.edit import Edit
from lading.dockerfile.instruction import Instruction
from lading.dockerfile.logical import Comment
from lading.dockerfile.parse import Dockerfile
from lading.dockerfile.source import BOM, Span
from lading.lint.finding import Finding
from lading.lint.pragma import CODES, FORM

_HADOLINTS = ("DL", "SC")


def here(file: Dockerfile, finding: Finding) -> Edit | None:
    """Return the edit that ignores the code of a finding for the instruction around it; None if there is none."""
    around = instruction_at(file, finding.span.start)
    if around is None:
        return None
    above = around.comments[-1] if around.comments else None
    if above is not None and above.line == around.line - 1:
        more = _added(file, above, finding.code, everywhere=False)
        if more is not None:
            return more
    start = file.source.starts[around.line - 1]
    at = start + file.source.text.startswith(BOM, start)
    indent = file.source.text[at : around.span.start]
    return Edit(Span(at, at), f"{indent}# {_whose(finding.code)} ignore={finding.code}\n")


def everywhere(file: Dockerfile, code: str) -> Edit:
    """Return the edit that ignores a code in all of the file. It stands behind the parser directives."""
    for comment in file.comments:
        more = _added(file, comment, code, everywhere=True)
        if more is not None:
            return more
    source = file.source
    at = int(source.text.startswith(BOM))
    pragma = f"# {_whose(code)} global ignore={code}\n"
    if file.directives:
        line = max(one.line for one in file.directives)
        if line == len(source.starts):  # it has no line end
            return Edit(Span(len(source.text), len(source.text)), "\n" + pragma)
        at = source.starts[line]
    return Edit(Span(at, at), pragma)


def instruction_at(file: Dockerfile, offset: int) -> Instruction | None:
    """Return the instruction that a place is in or right behind; None if there is none."""
    at = bisect_right(file.instructions, offset, key=lambda one: one.span.start) - 1
    if at < 0 or offset > file.instructions[at].span.end:
        return None
    return file.instructions[at]


def _whose(code: str) -> str:
    return "hadolint" if code.startswith(_HADOLINTS) else "lading"


def _added(file: Dockerfile, comment: Comment, code: str, *, everywhere: bool) -> Edit | None:
    """Return the edit that adds a code to a comment; None if the comment ignores nothing, or elsewhere."""
    start = comment.span.start + 1
    written = file.source.of(Span(start, comment.span.end))
    found = re.fullmatch(FORM, written.strip())
    if (
        not found
        or not found[3]
        or bool(found[2]) is not everywhere
        or not re.fullmatch(CODES, found[5].strip())
    ):
        return None
    end = start + len(written) - len(written.lstrip()) + found.start(5) + len(found[5].rstrip())
    return Edit(Span(end, end), f",{code}")
