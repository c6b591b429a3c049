"""LD1009: files removed in a later layer than the one that has them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from lading.dockerfile.instruction import Add, Copy, Instruction, Run, Transfer, Workdir
from lading.dockerfile.parse import Stage
from lading.lint.rule import Found, Level, Rule
from lading.lint.shell import Arg
from lading.lint.subject import Subject

# Filled by the base image, or by package managers in steps of their own.
_OF_BASE = frozenset(
    {"/bin", "/boot", "/lib", "/lib64", "/sbin", "/usr", "/usr/bin", "/usr/lib", "/usr/sbin", "/usr/share"}
)


def check(subject: Subject) -> Iterator[Found]:
    """Yield every path that rm is to remove and that an earlier instruction, or the base, has put there."""
    for stage in subject.stages:
        yield from _in_stage(subject, stage)


def _in_stage(subject: Subject, stage: Stage) -> Iterator[Found]:
    added: dict[str, int] = {}
    folder: str | None = "/"
    for one in stage.instructions:
        if isinstance(one, Workdir):
            path = subject.expanded(one.path, one)
            folder = posixpath.join(folder, path) if path and folder else None
        elif isinstance(one, Transfer):
            _note(subject, one, folder, added)
        elif isinstance(one, Run) and not any(_is_mounted(flag.value) for flag in one.flags):
            for arg in _removed(subject, one):
                path = _joined(folder, arg.text)
                line = added.pop(path, 0)
                if line:
                    message = (
                        f"line {line} has put this into an earlier layer, where it stays: mount it instead"
                    )
                    yield Found(arg.span, f"{message} (RUN --mount=type=bind)")
                elif path.removesuffix("/*") in _OF_BASE:
                    message = "the layers of the base keep these: take a smaller base, or copy to scratch"
                    yield Found(arg.span, message)


def _is_mounted(value: str | None) -> bool:
    return "type=bind" in (value or "")


def _note(subject: Subject, one: Transfer, folder: str | None, added: dict[str, int]) -> None:
    """Note the paths of files that COPY or ADD brings."""
    target = subject.expanded(one.target, one)
    if target is None or not isinstance(one, (Copy, Add)):
        return
    for at, source in enumerate(one.sources):
        text = subject.expanded(source, one) if at not in one.inline else None
        name = posixpath.basename((text or "").rstrip("/"))
        whole = _joined(folder, target)
        if name and name != "." and "*" not in name:
            # Whether the target is a folder that is there already is not known, so both count.
            added[posixpath.join(whole, name)] = one.line
        if len(one.sources) == 1 and not target.endswith(("/", ".")):
            added[whole] = one.line


def _joined(folder: str | None, path: str) -> str:
    if folder is None and not path.startswith("/"):
        return ""
    return "/" + posixpath.normpath(posixpath.join(folder or "/", path)).lstrip("/")


def _removed(subject: Subject, run: Instruction) -> Iterator[Arg]:
    """Yield what is removed outside of conditions; once a folder is changed, only absolute paths are sure."""
    moved = False
    for script in subject.scripts(run):
        for command in script.commands:
            moved = moved or command.name in {"cd", "pushd"}
            if command.unwrapped.name in {"rm", "unlink"} and not command.place.depth:
                for arg in command.unwrapped.operands:
                    if arg.literal and (not moved or arg.text.startswith("/")):
                        yield arg


RULE = Rule(
    code="LD1009",
    title="Files are removed in the layer that they came with.",
    level=Level.WARNING,
    why=(
        "Each instruction makes a layer, and a layer cannot take anything out of those below it: it notes that the file "
        "is not to be seen. It is still pulled, stored and scanned, and everybody can take it out of the layer: a "
        "key that is copied, used, and removed is published. Mount what a step needs "
        "(`RUN --mount=type=bind` or `type=secret`), remove in the same RUN that adds, "
        "or copy the result to another stage."
    ),
    check=check,
    bad=(
        "FROM debian:12\nCOPY id_rsa /root/.ssh/id_rsa\nRUN git clone x && rm /root/.ssh/id_rsa\n",
        "FROM debian:12\nWORKDIR /src\nADD big.tgz .\nRUN make\nRUN rm -f big.tgz\n",
        "FROM alpine:3.20\nRUN rm -fr /bin/*\n",
    ),
    good=(
        "FROM debian:12\nRUN curl -o /x https://a/x && rm /x\n",
        "FROM debian:12\nCOPY a /a\nRUN rm /b /var/lib/apt/lists/*\n",
        "FROM debian:12 AS a\nCOPY k /k\nFROM debian:12\nRUN rm /k\n",
        "FROM debian:12\nCOPY a /a\nRUN cd /x && rm a\n",
        "FROM debian:12\nRUN rm -rf /usr/share/doc/a /bin/x\n",
    ),
)
