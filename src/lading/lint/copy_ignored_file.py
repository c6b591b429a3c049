"""CopyIgnoredFile: COPY or ADD of what .dockerignore keeps out."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile import dockerignore
from lading.dockerfile.wildcard import is_wildcard
from lading.lint import context_paths
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Yield every source, without `*` and `?`, that the ignore file keeps out of the context."""
    if subject.context is None or dockerignore.find(subject.context, subject.path) is None:
        return
    patterns = context_paths.ignored(subject.context, subject.path)
    for word, path in context_paths.sources(subject):
        # A part of an ignored folder may be let in again.
        if path != "." and not is_wildcard(path) and patterns.ignores(path) and not patterns.lets_in:
            message = (
                f"the ignore file keeps {path[:80]} out of the context: let it in there, or do not copy it"
            )
            yield Found(word.span, message)


RULE = Rule(
    code="CopyIgnoredFile",
    title="What is copied is not kept out by .dockerignore.",
    level=Level.WARNING,
    why=(
        "The ignore file works before the build begins: what it names is not sent, so that COPY finds nothing there "
        "and the build stops with a message that speaks of a missing file, though the file is in the folder."
    ),
    check=check,
    files=(
        (".dockerignore", "*/tmp\n*.md\nlogs\n**/*.pem\n"),
        ("README.md", ""),
        ("logs/a", ""),
        ("app.py", ""),
    ),
    bad=(
        "FROM debian:12\nCOPY README.md /doc/\n",
        "FROM debian:12\nADD logs/a /a\n",
        "FROM debian:12\nCOPY ./src/tmp keys/a/b.pem /x/\n",
    ),
    good=(
        "FROM debian:12\nCOPY app.py doc/README.md /app/\n",
        "FROM debian:12\nCOPY . /app\n",
        "FROM debian:12 AS a\nFROM debian:12\nCOPY --from=a logs /logs\n",
    ),
)
