"""DL4000: MAINTAINER."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.edit import Edit
from lading.dockerfile.instruction import Maintainer, Onbuild
from lading.dockerfile.source import Span
from lading.lint.rule import Fix, Found, Level, Rule
from lading.lint.subject import Subject

_LABEL = "org.opencontainers.image.authors"


def check(subject: Subject) -> Iterator[Found]:
    """Yield every MAINTAINER."""
    inside = {id(one.inner) for one in subject.all(Onbuild)}
    for one in subject.all(Maintainer):
        if id(one) not in inside:
            message = f'MAINTAINER is no longer in use: write LABEL {_LABEL}="..."'
            yield Found(one.keyword.span, message, _fix(subject, one))


def _fix(subject: Subject, one: Maintainer) -> Fix:
    name = one.maintainer.value.strip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = name[1:-1]
    escape = subject.file.escape
    for char in (escape, '"', "$"):
        name = name.replace(char, escape + char)
    span = Span(one.keyword.span.start, one.maintainer.span.end)
    return Fix(
        f"Write a label {_LABEL}", (Edit(span, f'{subject.keyword("LABEL")} {_LABEL}="{name}"'),), safe=True
    )


RULE = Rule(
    code="DL4000",
    title="MAINTAINER has been replaced by a label.",
    level=Level.ERROR,
    why=(
        "MAINTAINER was deprecated in 2017. It can name one person and nothing else, and tools that look for who is "
        f"responsible for an image read labels. The label `{_LABEL}` of the OCI image specification says the same, is "
        "set when building, and is shown by `docker inspect` with the others."
    ),
    check=check,
    fixable=True,
    aliases=("MaintainerDeprecated",),
    bad=(
        "FROM debian:12\nMAINTAINER Ann Example <ann@example.com>\n",
        'FROM debian:12\nMAINTAINER "Ann Example"\n',
        'FROM debian:12\nmaintainer Ann "the \\ $boss" Example\n',
    ),
    good=(
        'FROM debian:12\nLABEL org.opencontainers.image.authors="ann@example.com"\n',
        'FROM debian:12\nLABEL maintainer="ann@example.com"\n',
        "FROM debian:12\n# MAINTAINER Ann\n",
    ),
)
