"""LD1011: all sources are copied before what they depend on is installed."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.instruction import Add, Copy, Run, Transfer
from lading.dockerfile.parse import Stage
from lading.lint.rule import Found, Level, Rule
from lading.lint.shell import Invocation
from lading.lint.subject import Subject

_WHOLE = frozenset({".", "./", "*", "./*"})
# Program -> its words that install, and the files that these read; none for packages of the system.
_INSTALLERS: dict[str, tuple[tuple[str, ...], str]] = {
    "apk": (("add",), ""),
    "apt": (("install",), ""),
    "apt-get": (("install",), ""),
    "bundle": (("install",), "Gemfile and Gemfile.lock"),
    "composer": (("install",), "composer.json and composer.lock"),
    "dnf": (("install",), ""),
    "go": (("download",), "go.mod and go.sum"),
    "microdnf": (("install",), ""),
    "npm": (("ci", "install", "i"), "package.json and package-lock.json"),
    "pip": (("install",), "requirements.txt"),
    "pip3": (("install",), "requirements.txt"),
    "pnpm": (("install", "i", "fetch"), "package.json and pnpm-lock.yaml"),
    "yarn": (("install",), "package.json and yarn.lock"),
    "yum": (("install",), ""),
}


def check(subject: Subject) -> Iterator[Found]:
    """Yield every COPY of the whole context that stands before the first step that installs."""
    for stage in subject.stages:
        yield from _in_stage(subject, stage)


def _in_stage(subject: Subject, stage: Stage) -> Iterator[Found]:
    copied: Transfer | None = None
    installed: set[str] = set()
    for one in stage.instructions:
        if isinstance(one, (Copy, Add)) and one.flag("from") is None:
            if copied is None and any(source.value in _WHOLE for source in one.sources):
                copied = one
        elif isinstance(one, Run):
            names = dict(_installs(subject, one))
            new = [name for name in names if name not in installed]
            if copied is not None and new:
                what = (
                    f"copy {names[new[0]]} alone, run it, then copy the rest"
                    if names[new[0]]
                    else "move it above"
                )
                message = f"every change of a source runs {new[0]} (line {one.line}) again: {what}"
                source = next(source for source in copied.sources if source.value in _WHOLE)
                yield Found(source.span, message)
                return
            installed.update(names)


def _installs(subject: Subject, run: Run) -> Iterator[tuple[str, str]]:
    for script in subject.scripts(run):
        for outer in script.commands:
            command = outer.unwrapped
            verbs, files = _INSTALLERS.get(command.name, ((), ""))
            operands = [arg.text for arg in command.operands]
            if not verbs or not _is_install(command, operands, verbs):
                continue
            # What is installed from the sources themselves, or from a list among them, can only come after them.
            if not any(
                text.startswith((".", "/")) and not text.endswith(".txt") for text in operands
            ) and not (files == "" and _reads(outer, operands)):
                yield command.name, files


def _reads(command: Invocation, operands: list[str]) -> bool:
    """Whether the names of packages come from a file or another command."""
    return (
        command.name == "xargs"
        or any("$(" in text or "`" in text for text in operands)
        or any(one.operator == "<" for one in command.redirections)
    )


def _is_install(command: Invocation, operands: list[str], verbs: tuple[str, ...]) -> bool:
    if command.name == "yarn" and not operands:
        return True
    if command.name.startswith("pip"):
        return "install" in operands and command.has_flag("r", "requirement")
    return any(verb in operands[:2] for verb in verbs)


RULE = Rule(
    code="LD1011",
    title="What the sources depend on is installed before they are copied.",
    level=Level.INFO,
    why=(
        "A step is taken from the cache as long as everything above it is the same. After `COPY . .` that ends with the "
        "next change of any file: all packages are fetched and installed again, for minutes, each time. The list of "
        "dependencies changes seldom: copy it alone, install, and then copy the rest. Packages of the system "
        "depend on no source, and stand above the copy."
    ),
    check=check,
    bad=(
        "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\n",
        "FROM python:3.13\nCOPY . /app\nRUN pip install -r /app/requirements.txt\n",
        "FROM debian:12\nADD . /src\nRUN apt-get update && apt-get install -y make\n",
    ),
    good=(
        "FROM node:22\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\nRUN npm run build\n",
        "FROM python:3.13\nCOPY . /app\nRUN pip install /app\n",
        "FROM node:22\nCOPY package.json .\nRUN npm ci\nCOPY . .\nRUN npm ci --omit=dev\n",
        "FROM debian:12\nCOPY --from=x . /src\nRUN apt-get install -y make\n",
        "FROM debian:12 AS a\nCOPY . .\nFROM debian:12\nRUN apt-get install -y make\n",
    ),
)
