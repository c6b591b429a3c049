"""LD1010: the whole context is copied, and nothing is kept out of it."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile import dockerignore
from lading.lint import context_paths
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject

_WHOLE = frozenset({".", "./", "/", "*", "./*"})


def check(subject: Subject) -> Iterator[Found]:
    """Yield every COPY or ADD of all there is, where there is a context without an ignore file."""
    if subject.context is None or dockerignore.find(subject.context, subject.path) is not None:
        return
    for one in context_paths.copies(subject):
        for source in one.sources if one.flag("from") is None else ():
            if source.value in _WHOLE:
                message = "copies all of the context, .git and keys too: add a .dockerignore, or name what is needed"
                yield Found(source.span, message)


RULE = Rule(
    code="LD1010",
    title="Where the whole context is copied, a .dockerignore says what is not.",
    level=Level.INFO,
    why=(
        "`COPY . .` takes everything that lies in the folder on the machine that builds: the history in .git, .env "
        "files, keys, node_modules for another system. Every change of any of them also makes all steps after it run "
        "again. A .dockerignore that begins with `*` and then lets in what is needed (`!src`) holds for "
        "everybody's machine."
    ),
    check=check,
    files=(("app.py", ""),),
    bad=("FROM debian:12\nCOPY . /app\n", "FROM debian:12\nADD ./ /app/\n"),
    good=(
        "FROM debian:12\nCOPY app.py /app/\n",
        "FROM debian:12 AS a\nFROM debian:12\nCOPY --from=a . /x\n",
        "FROM debian:12\nONBUILD COPY . /app\n",
    ),
)
