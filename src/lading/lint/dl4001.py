"""DL4001: both curl and wget."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.instruction import From, Onbuild, Run
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject

_TOOLS = frozenset({"curl", "wget"})


def check(subject: Subject) -> Iterator[Found]:
    """Yield RUNs that download, from the one on that uses the second of the programs; ONBUILD counts by itself."""
    plain: set[str] = set()
    later: set[str] = set()
    for one in subject.file.instructions:
        if isinstance(one, From):
            plain.clear()
        inner, seen = (one.inner, later) if isinstance(one, Onbuild) else (one, plain)
        if not isinstance(inner, Run):
            continue
        called = [command for script in subject.scripts(inner) for command in script.called(*_TOOLS)]
        seen.update(command.name for command in called)
        if called and len(seen) == len(_TOOLS):
            message = "both curl and wget are used: one of them does, and the other need not be installed"
            yield Found(called[-1].words[0].span, message)


RULE = Rule(
    code="DL4001",
    title="Both curl and wget are used.",
    level=Level.WARNING,
    why=(
        "The two programs do the same, and each brings libraries that have to be kept up to date. An "
        "image that uses one of them for all downloads is smaller and has less that can be wrong."
    ),
    check=check,
    bad=(
        "FROM debian:12\nRUN curl -fO https://example.org/a\nCOPY a /a\nRUN wget -q https://example.org/b\n",
        "FROM debian:12\nRUN curl -fO https://example.org/a && wget -q https://example.org/b\n",
    ),
    good=(
        "FROM debian:12\nRUN curl -fO https://example.org/a\nCOPY a /a\nRUN curl -fO https://example.org/b\n",
        "FROM debian:12 AS a\nRUN curl -fO https://example.org/a\nFROM debian:12\nRUN wget -q https://example.org/b\n",
    ),
)
