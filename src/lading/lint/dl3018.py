"""DL3018: apk adds packages without a version."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lading.lint import unpinned
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject
from lading.lint.unpinned import Ecosystem

_APK = Ecosystem(
    "apk",
    "=",
    re.compile(r"([A-Za-z0-9][A-Za-z0-9._+-]*)", re.ASCII),
    ("/etc/apk/repositories", "--repository", " -X"),
)
_VERBS = ("add",)
_VALUED = frozenset({"t", "virtual", "X", "repository", "p", "root", "arch", "keys-dir", "repositories-file"})


def check(subject: Subject) -> Iterator[Found]:
    """Yield every package that apk adds in no certain version."""
    for run, command in subject.commands("apk"):
        if command.has_args(*_VERBS):
            args = [
                arg
                for arg in unpinned.packages(command, _VERBS, _VALUED)
                if not (
                    "=" in arg.masked
                    or "~" in arg.masked
                    or arg.masked.endswith(".apk")
                    or _is_range(arg.text)
                )
            ]
            yield from unpinned.found(subject, run, args, _APK)


def _is_range(text: str) -> bool:
    return "<" in text or ">" in text


RULE = Rule(
    code="DL3018",
    title="Packages that apk adds should have a version.",
    level=Level.WARNING,
    why=(
        "A name alone installs what Alpine's mirror holds on the day of the build, so the same Dockerfile gives "
        "different images. `name=version` gives the one that was tested; where that is too strict, for Alpine "
        "drops superseded builds from its mirrors, `name~version` still holds the upstream version."
    ),
    check=check,
    fixable=True,
    needs_index=True,
    bad=(
        "FROM alpine:3.20\nRUN apk add --no-cache curl\n",
        "FROM alpine:3.20\nRUN apk add --no-cache curl=8.9.1-r1 git\n",
        "FROM alpine:3.20\nRUN apk add --no-cache --virtual .build gcc\n",
        "FROM alpine:3.20\nRUN apk --no-cache add tool@edge\n",
        'FROM alpine:3.20\nRUN ["apk", "add", "--no-cache", "curl"]\n',
        "FROM alpine:3.20\nONBUILD RUN apk add --no-cache curl\n",
    ),
    good=(
        "FROM alpine:3.20\nRUN apk add --no-cache curl=8.9.1-r1 git~2.45\n",
        "FROM alpine:3.20\nRUN apk add --no-cache -t .build gcc=13.2.1_git20240309-r0\n",
        "FROM alpine:3.20\nRUN apk add --no-cache 'curl>8'\n",
        "FROM alpine:3.20\nRUN apk add --no-cache /tmp/tool.apk\n",
        "FROM alpine:3.20\nRUN apk del curl\n",
    ),
)
