"""UndefinedVar: a variable that nothing has set."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.edit import Edit
from lading.dockerfile.expand import Reference
from lading.dockerfile.instruction import (
    Arg,
    Env,
    Expose,
    Instruction,
    Label,
    StopSignal,
    Transfer,
    User,
    Volume,
    Workdir,
)
from lading.dockerfile.scope import PLATFORM_ARGUMENTS, SCRATCH, Step, walk
from lading.dockerfile.source import Span
from lading.dockerfile.words import Word
from lading.lint import references
from lading.lint.rule import Fix, Found, Level, Rule
from lading.lint.subject import Subject

# Their images set PATH and nothing else that anybody would use.
_PLAIN = frozenset(
    {"almalinux", "alpine", "amazonlinux", "busybox", "centos", "debian", "fedora", "rockylinux", "ubuntu"}
)
# The build itself sets it where the image does not.
_ALWAYS = frozenset({"PATH"})


def check(subject: Subject) -> Iterator[Found]:
    """Yield every variable that has no declaration, where the base is known to set none, or one is elsewhere."""
    elsewhere = {one.name.value for arg in subject.file.arguments for one in arg.definitions}
    elsewhere.update(PLATFORM_ARGUMENTS)
    fixed: set[tuple[int, str]] = set()
    for step in walk(subject.file):
        if step.stage is None or step.instruction is step.stage.base:
            continue
        plain = not step.scope.is_open or _is_plain(subject.image(step.stage))
        for word, one in _unset(subject, step):
            if plain or one.name in elsewhere:
                # One declaration is enough for all that follows in the stage.
                place = (step.stage.index, one.name)
                fix = _fix(step, one.name) if one.name in elsewhere and place not in fixed else None
                fixed.add(place)
                message = f"{one.name[:80]} is not set here: write ARG {one.name[:80]} in this stage"
                if name := _of_itself(step.instruction, word, one.name):
                    message = (
                        f"{one.name[:80]} is not set yet: ARG {one.name[:80]} alone takes the build argument"
                    )
                    edit = Edit(Span(name.span.end, word.span.end), "")
                    fix = Fix(f"Leave it at ARG {one.name[:80]}", (edit,), safe=False)
                yield Found(references.span(subject, word, one), message, fix)


def _unset(subject: Subject, step: Step) -> Iterator[tuple[Word, Reference]]:
    """Yield the variables of an instruction that have no declaration, and the words they are in."""
    known = set(_ALWAYS)
    for name, word in _words(step.instruction):
        for one in references.of(subject, word.value, step.instruction):
            if one.name not in step.scope.declared and one.name not in known and one.name.isidentifier():
                yield word, one
        # The later ones of an ARG see the earlier.
        known.add(name)


def _of_itself(one: Instruction, word: Word, name: str) -> Word | None:
    """Return the name in `ARG NAME=$NAME`, which is meant to take what NAME is before; None for all else."""
    whole = word.value.strip('"') in {f"${name}", f"${{{name}}}"}
    for definition in one.definitions if isinstance(one, Arg) and whole else ():
        if definition.default is word and definition.name.value == name:
            return definition.name
    return None


def _is_plain(image: str) -> bool:
    name = image.partition("@")[0].partition(":")[0].removeprefix("docker.io/").removeprefix("library/")
    return name in _PLAIN or image == SCRATCH


def _fix(step: Step, name: str) -> Fix:
    start = step.instruction.span.start
    keyword = "arg" if step.instruction.keyword.value.islower() else "ARG"
    edit = Edit(Span(start, start), f"{keyword} {name}\n")
    return Fix(f"Declare {name[:80]} in this stage", (edit,), safe=False)


def _words(one: Instruction) -> Iterator[tuple[str, Word]]:
    """Yield the words of an instruction in which the build replaces variables, and the name that an ARG then has."""
    if isinstance(one, Arg):
        for definition in one.definitions:
            yield definition.name.value, definition.default or Word("", definition.name.span)
    else:
        yield from (("", word) for word in _plain_words(one))


def _plain_words(one: Instruction) -> tuple[Word, ...]:
    if isinstance(one, Transfer):
        flags = tuple(Word(flag.value or "", flag.span) for flag in one.flags if flag.name == "chown")
        return (*flags, *(word for at, word in enumerate(one.sources) if at not in one.inline), one.target)
    if isinstance(one, (Env, Label)):
        return tuple(pair.value for pair in one.pairs)
    if isinstance(one, Expose):
        return one.ports
    if isinstance(one, Volume):
        return one.paths
    if isinstance(one, User):
        return (one.user,)
    if isinstance(one, Workdir):
        return (one.path,)
    return (one.signal,) if isinstance(one, StopSignal) else ()


RULE = Rule(
    code="UndefinedVar",
    title="Variables are set before they are used.",
    level=Level.WARNING,
    why=(
        "A variable that nothing has set is replaced by nothing, and the build goes on: `COPY $SRC /app` copies the "
        "wrong thing or stops with a message about something else. The usual cause is an ARG before the first FROM: "
        "it holds for FROM lines alone, and a stage sees it only after an `ARG NAME` of its own. The other is a "
        "slip of the pen. What an image outside the file sets cannot be seen: only bases known to set nothing count."
    ),
    check=check,
    fixable=True,
    bad=(
        "FROM alpine:3.20\nCOPY $foo /x/\n",
        "ARG VERSION=1\nFROM node:22\nLABEL version=$VERSION\n",
        "FROM golang:1.23\nENV GOARCH=$TARGETARCH\n",
        "FROM scratch\nWORKDIR /srv/${NAME}\n",
        "FROM alpine:3.20\nCOPY --chown=$WHO a $HOME/\n",
        "FROM alpine:3.20\nARG A=$A\n",
    ),
    good=(
        "FROM alpine:3.20\nARG foo\nCOPY $foo /x/\n",
        "ARG VERSION=1\nFROM node:22\nARG VERSION\nLABEL version=$VERSION\n",
        "FROM node:22\nLABEL node=$NODE_VERSION\n",
        "FROM alpine:3.20\nENV PATH=/opt:$PATH A=${B:-c}\n",
        "FROM alpine:3.20 AS a\nENV A=1\nFROM a\nENV B=$A\n",
        "FROM alpine:3.20\nARG A=1 B=$A\nLABEL c=\\$d e='$f'\n",
    ),
)
