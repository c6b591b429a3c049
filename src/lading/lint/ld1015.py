"""LD1015: COPY or ADD of a path that the context does not have."""

from __future__ import annotations

from collections.abc import Iterator

from lading.lint import context_paths
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Yield every source that fits nothing in the context."""
    if subject.context is None:
        return
    for word, path in context_paths.sources(subject):
        if context_paths.exists(subject.context, path) is False:
            yield Found(word.span, f"the context has no {path[:80]}: the build stops here; mend the path")


RULE = Rule(
    code="LD1015",
    title="What is copied is in the context.",
    level=Level.WARNING,
    why=(
        "A source of COPY is a path in the build context, wherever the Dockerfile itself lies, and the build stops "
        "when nothing fits it. Files that were renamed or moved away leave such lines behind. What is made by "
        "earlier steps of a pipeline may be missing only here: then the rule is to be ignored for that line."
    ),
    check=check,
    files=(("src/app.py", ""), ("go.mod", "")),
    bad=(
        "FROM debian:12\nCOPY app.py /app/\n",
        "FROM debian:12\nARG DIR=lib\nCOPY src/app.py $DIR/x.py /app/\n",
        "FROM debian:12\nADD *.txt /\n",
    ),
    good=(
        "FROM debian:12\nCOPY src/app.py /app/\n",
        "FROM debian:12\nCOPY go.* /src src/*.py /app/\n",
        "FROM debian:12\nADD https://example.com/x git@github.com:a/b.git /app/\n",
        "FROM debian:12\nARG X\nCOPY $X <<EOF /app/\nEOF\n",
        "FROM debian:12 AS a\nFROM debian:12\nCOPY --from=a nothing /app/\n",
    ),
)
