"""DL3044: ENV uses a variable that it sets itself."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.instruction import Arg, Env
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject

_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")


def check(subject: Subject) -> Iterator[Found]:
    """Yield references to what the same ENV sets, if nothing has set it before."""
    known: set[str] = set()
    for one in subject.file.instructions:
        if isinstance(one, Arg):
            known.update(each.name.value for each in one.definitions)
        elif isinstance(one, Env):
            yield from _found(one, known)
            known.update(pair.name.value.strip("\"'") for pair in one.pairs)


def _found(env: Env, known: set[str]) -> Iterator[Found]:
    names = [pair.name.value.strip("\"'") for pair in env.pairs]
    setters: dict[str, list[int]] = {}
    for at, name in enumerate(names):
        setters.setdefault(name, []).append(at)
    for at, pair in enumerate(env.pairs):
        for name in _references(pair.value.value):
            if name not in known and any(other != at for other in setters.get(name, ())):
                message = f"${name[:80]} has no value yet here: set it in an ENV of its own before this one"
                yield Found(pair.value.span, message)


def _references(text: str) -> Iterator[str]:
    """Yield the names in `$name` and `${name}`."""
    at = text.find("$")
    while at >= 0:
        start = at + 1 + text.startswith("{", at + 1)
        end = start
        while end < len(text) and text[end] in _NAME:
            end += 1
        if end > start and (text[start - 1] == "$" or text.startswith("}", end)):
            yield text[start:end]
        at = text.find("$", max(end, at + 1))


RULE = Rule(
    code="DL3044",
    title="An ENV refers to a variable that it sets itself.",
    level=Level.ERROR,
    why=(
        "All values of one ENV are worked out before any of its names is set. A reference to a name of "
        "the same ENV gives what the variable was before, mostly nothing at all, and the image is built "
        "without a word about it. Set the first variable in an ENV of its own."
    ),
    check=check,
    bad=(
        "FROM debian:12\nENV HOME_DIR=/srv BIN_DIR=$HOME_DIR/bin\n",
        'FROM debian:12\nENV VERSION=1 URL="https://example.org/${VERSION}.tgz"\n',
    ),
    good=(
        "FROM debian:12\nENV HOME_DIR=/srv\nENV BIN_DIR=$HOME_DIR/bin\n",
        "FROM debian:12\nENV PATH=/srv/bin:$PATH\n",
        "FROM debian:12\nENV A=1 B=$AB\n",
    ),
)
