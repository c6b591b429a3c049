"""What build commands make, by their names and options."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from lading.dockerfile.instruction import Run
from lading.dockerfile.parse import Stage
from lading.lint.shell import Invocation
from lading.lint.subject import Subject

_COMPILERS = frozenset({"cc", "gcc", "g++", "c++", "clang", "clang++", "rustc", "ghc"})
_NODE = frozenset({"npm", "yarn", "pnpm", "bun"})


def of(subject: Subject, stages: Iterable[Stage]) -> tuple[str, ...]:
    """Return the paths of what the steps of these stages make, as the commands have them, each once."""
    found: dict[str, None] = {}
    for stage in stages:
        for run in stage.instructions:
            for script in subject.scripts(run) if isinstance(run, Run) else ():
                for outer in script.commands:
                    for one in _made(outer.unwrapped):
                        found[one] = None
    return tuple(found)


def _made(command: Invocation) -> Iterator[str]:
    name = command.name.rpartition("/")[2]
    if name in {"go", "tinygo"} and command.has_args("build"):
        yield _option(command, "-o") or _go_program(command)
    elif name == "go" and command.has_args("install"):
        yield "/go/bin/*"
    elif name == "cargo" and command.has_args("build"):
        yield "target/release/*" if command.has_flag("release", "r") else "target/debug/*"
    elif name in {"mvn", "mvnw"} and command.has_args("package", "install", "verify"):
        yield "target/*.jar"
    elif name in {"gradle", "gradlew"} and command.has_args("build", "assemble", "bootJar", "jar"):
        yield "build/libs/*.jar"
    elif name in _NODE and command.has_args("build"):
        yield "dist/"
    elif name == "make" and command.has_args("install"):
        yield "/usr/local"
    elif name == "dotnet" and command.has_args("publish"):
        yield _option(command, "-o") or _option(command, "--output") or "bin/Release"
    elif name in _COMPILERS and not command.has_flag("c", "version"):
        yield _option(command, "-o") or "a.out"


def _option(command: Invocation, option: str) -> str:
    """Return the value of an option; empty where there is none, or where it is not known."""
    for at, arg in enumerate(command.args[:-1]):
        if arg.text == option:
            return command.args[at + 1].text
    return ""


def _go_program(command: Invocation) -> str:
    """Return what `go build` calls its result: after the file or folder it is given."""
    last = command.args[-1].text
    if last.endswith(".go"):
        return posixpath.basename(last).removesuffix(".go")
    name = posixpath.basename(last.rstrip("/"))
    return name if last != "build" and not last.startswith("-") and name.strip(".") else "the program"
