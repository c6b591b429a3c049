"""LD1006: the final stage carries what only the build needed."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.instruction import Copy, Run
from lading.dockerfile.parse import Stage
from lading.dockerfile.source import Span
from lading.lint import artefacts, taken_from
from lading.lint.rule import Found, Level, Rule
from lading.lint.shell import Arg, Invocation
from lading.lint.subject import Subject

_INSTALLERS = {
    "apt-get": ("install",),
    "apt": ("install",),
    "apk": ("add",),
    "dnf": ("install", "groupinstall"),
    "microdnf": ("install",),
    "yum": ("install", "groupinstall"),
    "zypper": ("install", "in"),
}
_REMOVERS = {"apt-get": ("purge", "remove", "autoremove"), "apt": ("purge", "remove"), "apk": ("del",)}
_OTHER_REMOVERS = ("remove", "erase", "rm", "autoremove")
_TOOLS = frozenset(
    {
        "autoconf", "automake", "bison", "build-base", "build-essential", "cargo", "clang", "cmake", "flex", "g++",
        "gcc", "gcc-c++", "ghc", "go", "golang", "golang-go", "gradle", "libtool", "make", "maven", "meson", "nasm",
        "ninja", "ninja-build", "rust", "rustc", "yasm",
    }
)  # fmt: skip
_BASES = frozenset(
    {"buildpack-deps", "clojure", "gcc", "golang", "gradle", "haskell", "maven", "rust", "sbt"}
)


def check(subject: Subject) -> Iterator[Found]:
    """Yield the base of the final stage if it is one to compile with, and each compiler installed to stay."""
    if not subject.stages:
        return
    final = subject.stages[-1]
    found = list(_carried(subject, final))
    advice = _advice(subject, final) if found else ""
    for span, what in found:
        yield Found(span, f"{what}: {advice}")


def _carried(subject: Subject, final: Stage) -> Iterator[tuple[Span, str]]:
    """Yield the places of what builds, and what is to be said of each."""
    name = subject.image(final).rpartition("/")[2].partition("@")[0].partition(":")[0]
    if name in _BASES:
        yield final.base.image.span, f"{name[:80]} is an image to build with"
    for stage in subject.lineage(final):
        for run in stage.instructions:
            if not isinstance(run, Run) or not any(one in subject.text(run.span) for one in _INSTALLERS):
                continue
            for found in _installed(subject, run):
                names = ", ".join(arg.text for arg in found[:3])[:80]
                stays = "stays" if len(found) == 1 else "stay"
                if stage is final:
                    yield found[0].span, f"{names} {stays} in the final stage"
                else:
                    yield final.base.image.span, f"{names} (line {run.line}) {stays} in the final stage"


def _installed(subject: Subject, run: Run) -> Iterator[list[Arg]]:
    """Yield the compilers that each command of a RUN installs, unless the same RUN removes something."""
    commands = [one.unwrapped for script in subject.scripts(run) for one in script.commands]
    if any(_is(one, _REMOVERS.get(one.name, _OTHER_REMOVERS)) for one in commands if one.name in _INSTALLERS):
        return
    for command in commands:
        if _is(command, _INSTALLERS.get(command.name, ())):
            found = [arg for arg in command.operands_without("t", "virtual") if _is_tool(arg)]
            if found:
                yield found


def _is(command: Invocation, verbs: tuple[str, ...]) -> bool:
    return any(arg.text in verbs for arg in command.operands[:2])


def _is_tool(arg: Arg) -> bool:
    name = arg.text.partition("=")[0].partition("/")[0].partition("~")[0]
    jdk = name.startswith(("openjdk", "java-")) and name.endswith(("-jdk", "-devel", "jdk-headless"))
    return name in _TOOLS or jdk


def _advice(subject: Subject, final: Stage) -> str:
    """Return what to do about it, with the names of what is to be copied."""
    made = artefacts.of(subject, subject.lineage(final))
    what = ", ".join(made[:3]) or "the result"
    sources = [one.flag("from") for one in final.instructions if isinstance(one, Copy)]
    known = taken_from.names(subject)
    names = [flag.value for flag in sources if flag is not None and flag.value]
    # What is copied from an image of somebody else's has no stage here.
    names = [name for name in names if taken_from.stage_named(subject, name, known) is not None]
    if names:
        return f"move it to the stage {names[0][:80]}, and copy {what[:120]} from there"
    return f"build in a stage of its own (FROM ... AS build), and copy {what[:120]} from it"


RULE = Rule(
    code="LD1006",
    title="Compilers stay behind in a build stage.",
    level=Level.INFO,
    why=(
        "What compiles a program does not run it. Compilers, headers and build tools make an image several times "
        "as big, bring findings of their own with every scan, and give an intruder what he would have to bring. With "
        "a stage that builds and one that only copies the result, the image has the result. What the commands make "
        "is named where it can be told from them: `go build -o`, cargo, Maven, Gradle, npm, make install, gcc -o."
    ),
    check=check,
    bad=(
        'FROM golang:1.23\nRUN go build -o /bin/app ./cmd/app\nCMD ["/bin/app"]\n',
        "FROM debian:12\nRUN apt-get update && apt-get install -y build-essential\nRUN make install\n",
        'FROM debian:12\nRUN apt-get update && apt-get install -y openjdk-17-jdk-headless\nCMD ["a"]\n',
        'FROM alpine:3.20 AS base\nRUN apk add --no-cache gcc musl-dev\nFROM base\nCMD ["a"]\n',
    ),
    good=(
        "FROM golang:1.23 AS build\nRUN go build -o /app\nFROM scratch\nCOPY --from=build /app /app\n",
        "FROM alpine:3.20\nRUN apk add --virtual .b gcc && pip install x && apk del .b\n",
        "FROM debian:12\nRUN apt-get install -y curl golang-docker-credential-helpers\n",
        "FROM eclipse-temurin:21-jre\nRUN echo gcc\n",
    ),
)
