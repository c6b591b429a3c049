"""DL3062: Go programs and modules without a version."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lading.dockerfile.edit import Edit
from lading.lint.rule import Fix, Found, Level, Rule
from lading.lint.shell import Arg, Invocation
from lading.lint.subject import Subject

_VERBS = frozenset({"install", "get", "run"})
_MOVING = frozenset({"latest", "none"})
# Flags of these verbs that take the next word; those of `go build` are theirs too. Go reads `--tags` as `-tags`.
_VALUED = frozenset(
    {
        "C", "asmflags", "buildmode", "compiler", "coverpkg", "covermode", "exec", "gccgoflags", "gcflags",
        "installsuffix", "ldflags", "mod", "modfile", "overlay", "p", "pgo", "pkgdir", "tags", "toolexec",
    }
)  # fmt: skip
_PATH = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:/[A-Za-z0-9._~-]+)+", re.ASCII)


def check(subject: Subject) -> Iterator[Found]:
    """Yield every package without a version."""
    for _, command in subject.commands("go"):
        if command.has_args(*_VERBS):
            yield from _found(subject, command)


def _found(subject: Subject, command: Invocation) -> Iterator[Found]:
    missing = [arg for arg in _packages(command) if _moves(arg.masked)]
    paths = tuple(path for arg in missing if (path := _path(arg)))
    pins = subject.pins("go", paths) if paths else {}
    for arg in missing:
        path = _path(arg)
        version = pins.get(path)
        name = arg.text.partition("@")[0][:80]
        message = f"{name} is taken in whatever version there is: pin it as `{name}@VERSION`"
        fix = None
        if path and version:
            fix = Fix(f"Pin {path} to {version}", (Edit(arg.span, f"{path}@{version}"),), safe=True)
        yield Found(arg.span, message, fix, could_fix=bool(path) and fix is None)


def _packages(command: Invocation) -> tuple[Arg, ...]:
    """Return the packages; `go run` takes one, and what follows that is for the program."""
    found: list[Arg] = []
    skip = False
    for arg in command.args:
        text = arg.masked
        if skip:
            skip = False
        elif text.startswith("-") and not found:
            skip = text.lstrip("-") in _VALUED
        elif text not in _VERBS and not text.startswith("-"):
            found.append(arg)
    return tuple(found[:1] if command.has_args("run") else found)


def _moves(text: str) -> bool:
    """Whether a package has no version, and is none of the directory, nor a file there."""
    if text.startswith((".", "/")) or text.endswith(".go"):
        return False
    _, sign, version = text.rpartition("@")
    return not sign or version in _MOVING


def _path(arg: Arg) -> str:
    """Return the path of a package that a proxy may know; empty if it is none."""
    path = arg.text.partition("@")[0]
    return path if arg.literal and not arg.text.endswith("@none") and _PATH.fullmatch(path) else ""


RULE = Rule(
    code="DL3062",
    title="Go packages are taken in whatever version there is.",
    level=Level.WARNING,
    why=(
        "Without a version, or with `@latest`, the go command takes the newest release on the day of the "
        "build: the same Dockerfile gives another program tomorrow, and a release that somebody has taken "
        "over comes in unseen. Write `go install path@v1.2.3`."
    ),
    check=check,
    fixable=True,
    needs_index=True,
    bad=(
        "FROM golang:1.23\nRUN go install example.org/tool@latest\n",
        "FROM golang:1.23\nRUN go install example.org/tool/cmd/tool\n",
        "FROM golang:1.23\nRUN go get example.org/lib\n",
    ),
    good=(
        "FROM golang:1.23\nRUN go install example.org/tool@v1.2.3\n",
        "FROM golang:1.23\nRUN go install ./cmd/tool\n",
        "FROM golang:1.23\nRUN go build example.org/tool\n",
        "FROM golang:1.23\nRUN go run ./cmd/tool write\n",
    ),
)
