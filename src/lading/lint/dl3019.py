"""DL3019: apk add that leaves its cache in the image."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.instruction import Run
from lading.lint import mount, verb
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject

_CACHE = "/var/cache/apk"


def check(subject: Subject) -> Iterator[Found]:
    """Yield every call of apk add that keeps what it downloads."""
    for run, command in subject.commands("apk"):
        if not command.has_args("add") or command.has_flag("no-cache") or mount.is_kept_out(run, _CACHE):
            continue
        fix = verb.with_flag(run, command, "--no-cache", "add", safe=not _strict_removal(subject, run))
        message = "the index of packages stays in the layer: add --no-cache"
        yield Found(command.words[0].span, message, fix)


def _strict_removal(subject: Subject, run: Run) -> bool:
    """Whether something removes the cache, and would fail if there is none."""
    for script in subject.scripts(run):
        for command in script.called("rm"):
            if not command.has_flag("f", "force") and any(text.startswith(_CACHE) for text in command.texts):
                return True
    return False


RULE = Rule(
    code="DL3019",
    title="`apk add` should be called with `--no-cache`.",
    level=Level.INFO,
    why=(
        "Without `--no-cache` apk keeps the index of its repositories in /var/cache/apk, and with it the layer "
        "carries megabytes that go stale at once. With it apk reads the index from the mirror and keeps nothing, "
        "so that neither `--update` before nor `rm -rf /var/cache/apk/*` after is needed. A cache mount there "
        "does as well."
    ),
    check=check,
    fixable=True,
    bad=(
        "FROM alpine:3.20\nRUN apk add curl=8.9.1-r1\n",
        "FROM alpine:3.20\nRUN apk update && apk add curl=8.9.1-r1 && rm -rf /var/cache/apk/*\n",
        "FROM alpine:3.20\nRUN apk add -U \\\n  curl=8.9.1-r1\n",
        'FROM alpine:3.20\nRUN ["apk", "add", "curl=8.9.1-r1"]\n',
        "FROM alpine:3.20\nRUN --mount=type=cache,target=/var/cache apk add curl=8.9.1-r1\n",
        "FROM alpine:3.20\nONBUILD RUN apk add curl=8.9.1-r1\n",
    ),
    good=(
        "FROM alpine:3.20\nRUN apk add --no-cache curl=8.9.1-r1\n",
        "FROM alpine:3.20\nRUN apk --no-cache add curl=8.9.1-r1\n",
        "FROM alpine:3.20\nRUN --mount=type=cache,target=/var/cache/apk apk add curl=8.9.1-r1\n",
        "FROM alpine:3.20\nRUN --mount=type=tmpfs,dst=/var/cache/apk/ apk add curl=8.9.1-r1\n",
        "FROM alpine:3.20\nRUN apk del curl\n",
    ),
)
