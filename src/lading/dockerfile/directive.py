"""Parser directives: comments of the form `# name=value` before everything else.

`escape` changes the escape character, `syntax` names the frontend that builds, `check` configures the
build checks. The first line that is anything else, an unknown name included, ends them.
https://docs.docker.com/reference/dockerfile/#parser-directives
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lading.dockerfile.problem import Problem
from lading.dockerfile.source import BOM, SPACES, Source, Span
from lading.record import Record

_NAMES = frozenset({"syntax", "escape", "check"})
_FORM = r"([a-zA-Z][a-zA-Z0-9]*)[\t\n\f\r ]*=[\t\n\f\r ]*(.*[^\t\n\f\r ])"
_ESCAPES = frozenset({"\\", "`"})


class Directive(Record):
    """A parser directive. name: in lower case. span: of its line. value_span: of the value in it."""

    name: str
    value: str
    line: int
    span: Span
    value_span: Span


class Directives(Record):
    """All of them. escape: the escape character that they leave."""

    found: tuple[Directive, ...] = ()
    escape: str = "\\"
    problems: tuple[Problem, ...] = ()


def read(source: Source) -> Directives:
    """Return the directives of a Dockerfile; one that is given twice, or a wrong escape, is a problem."""
    found: dict[str, Directive] = {}
    problems: list[Problem] = []
    escape = "\\"
    for directive in _candidates(source):
        if directive.name in found:
            message = f"the parser directive {directive.name} is given a second time"
            problems.append(Problem("directive-duplicate", message, directive.span))
            continue
        found[directive.name] = directive
        if directive.name == "escape":
            if directive.value in _ESCAPES:
                escape = directive.value
            else:
                message = (
                    f"the escape character must be a backslash or a backtick, not {directive.value[:20]!r}"
                )
                problems.append(Problem("directive-escape", message, directive.value_span))
    return Directives(tuple(found.values()), escape, tuple(problems))


def _candidates(source: Source) -> Iterator[Directive]:
    shebang = False
    for line in source.lines():
        start = line.start + (line.number == 1 and source.text.startswith(BOM))
        text = source.text[start : line.end]
        if line.number == 1 and text.startswith("#!"):
            shebang = True
            continue
        bare = text.lstrip(SPACES)
        found = re.match(_FORM, bare[1:].lstrip(SPACES)) if bare.startswith("#") else None
        if found is None or found[1].lower() not in _NAMES:
            return
        # After a `#!` line, syntax and check still count, but the parser proper has stopped looking.
        if shebang and found[1].lower() == "escape":
            continue
        offset = line.end - len(bare[1:].lstrip(SPACES))
        value = Span(offset + found.start(2), offset + found.end(2))
        span = Span(line.end - len(bare), line.end)
        yield Directive(found[1].lower(), found[2], line.number, span, value)
