"""NoEmptyContinuation: an empty line inside an instruction."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.edit import Edit
from lading.dockerfile.source import Span
from lading.lint.rule import Fix, Found, Level, Rule
from lading.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Yield every empty line that the parser has met inside an instruction."""
    text = subject.file.source.text
    for problem in subject.file.problems:
        if problem.code != "empty-continuation":
            continue
        end = text.find("\n", problem.span.end) + 1
        fix = None
        if end:
            fix = Fix("Take the empty line out", (Edit(Span(problem.span.start, end), ""),), safe=True)
        yield Found(
            problem.span,
            "empty line inside an instruction: take it out, or write a comment (#) there",
            fix,
        )


RULE = Rule(
    code="NoEmptyContinuation",
    title="There are no empty lines inside an instruction.",
    level=Level.WARNING,
    why=(
        "A line that ends in the escape character goes on in the next one. When that one is empty, the build "
        "leaves it out with a warning, and says that later versions will refuse it. An empty line also is what "
        "remains when somebody has deleted the last line of a command but not the backslash before it: then the next "
        "instruction has silently become a part of this one."
    ),
    check=check,
    fixable=True,
    bad=(
        "FROM debian:12\nRUN apt-get update && \\\n\n    apt-get install -y curl\n",
        "FROM debian:12\nRUN echo a && \\\n  \n\n  echo b\n",
    ),
    good=(
        "FROM debian:12\nRUN apt-get update && \\\n    # then\n    apt-get install -y curl\n",
        "FROM debian:12\n\nRUN make\n",
        "FROM debian:12\nRUN <<EOF\na\n\nb\nEOF\n",
    ),
)
