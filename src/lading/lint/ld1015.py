"""LD1015: COPY or ADD of a path that the context does not have."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.wildcard import is_wildcard
from lading.lint import context_paths
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Yield every source that fits nothing in the context; a wildcard, if nothing else is copied with it."""
    context = subject.context
    if context is None:
        return
    for one in context_paths.copies(subject):
        sources = list(context_paths.of(subject, one))
        missing = [at for at, (_, path) in enumerate(sources) if context_paths.exists(context, path) is False]
        wild = {at for at in missing if is_wildcard(sources[at][1])}
        for at in missing:
            word, path = sources[at]
            if at not in wild:
                yield Found(word.span, f"the context has no {path[:80]}: the build stops here; mend the path")
            elif len(wild) == len(one.sources):
                yield Found(word.span, f"the context has no {path[:80]}: nothing is copied; mend the path")


RULE = Rule(
    code="LD1015",
    title="What is copied is in the context.",
    level=Level.WARNING,
    why=(
        "A source of COPY is a path in the build context, wherever the Dockerfile itself lies, and the build stops "
        "when nothing fits it. Files that were renamed or moved away leave such lines behind. A wildcard may fit "
        "nothing, so that `COPY package.json yarn.lock* ./` works with and without the second; it is reported where "
        "nothing at all is copied. What is made by earlier steps of a pipeline may be missing only here: then the rule "
        "is to be ignored for that line."
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
        "FROM debian:12\nCOPY go.mod go.sum* /app/\n",
        "FROM debian:12\nONBUILD COPY requirements.txt /app/\n",
        "FROM debian:12\nADD https://example.com/x git@github.com:a/b.git /app/\n",
        "FROM debian:12\nARG X\nCOPY $X <<EOF /app/\nEOF\n",
        "FROM debian:12 AS a\nFROM debian:12\nCOPY --from=a nothing /app/\n",
    ),
)
