"""LD1009: files removed in a later layer than the one that has them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from lading.dockerfile.instruction import Add, Copy, Run, Transfer, Workdir
from lading.dockerfile.parse import Stage
from lading.lint import cleaning, download, mount
from lading.lint.rule import Found, Level, Rule
from lading.lint.shell import Arg, Invocation
from lading.lint.subject import Subject

# Filled by the base image, or by package managers in steps of their own.
_OF_BASE = frozenset(
    {"/bin", "/boot", "/lib", "/lib64", "/sbin", "/usr", "/usr/bin", "/usr/lib", "/usr/sbin", "/usr/share"}
)


_WILD = re.compile(r"[*?\[]")
# Wildcards are compared with so many names of a folder, and those of hostile files are many.
_MANY = 1000
_FETCH = "fetch it in a stage of its own, and mount that (RUN --mount=type=bind,from=...)"
_MOUNT = "mount it instead (RUN --mount=type=bind)"
# Folder -> name -> the line that has put it there, and what to do instead.
_Added = dict[str, dict[str, tuple[int, str]]]


def check(subject: Subject) -> Iterator[Found]:
    """Yield every path that rm is to remove and that an earlier instruction, or the base, has put there."""
    for stage in subject.stages:
        yield from _in_stage(subject, stage)


def _in_stage(subject: Subject, stage: Stage) -> Iterator[Found]:
    added: _Added = {}
    folder: str | None = "/"
    for one in stage.instructions:
        if isinstance(one, Workdir):
            path = subject.expanded(one.path, one)
            folder = posixpath.join(folder, path) if path and folder else None
        elif isinstance(one, Transfer):
            _note(subject, one, folder, added)
        elif isinstance(one, Run) and not any(_is_mounted(flag.value) for flag in one.flags):
            removed = [(arg, _joined(folder, arg.text)) for arg in _removed(subject, one)]
            for arg, path in removed if cleaning.is_shipped(subject, one) else ():
                if known := _taken(added, path):
                    line, remedy = known
                    yield Found(
                        arg.span, f"line {line} has put this into an earlier layer, where it stays: {remedy}"
                    )
                elif path.removesuffix("/*") in _OF_BASE:
                    message = "the layers of the base keep these: take a smaller base, or copy to scratch"
                    yield Found(arg.span, message)
            _note_downloads(subject, one, folder, added)
            for _, path in removed:
                _taken(added, path)


def _taken(added: _Added, path: str) -> tuple[int, str] | None:
    """Take out what rm removes with this path, which may have wildcards in its last part; return the first of it."""
    parent, name = posixpath.split(path)
    there = added.get(parent, {})
    if not _WILD.search(name):
        return there.pop(name, None)
    # In a shell, a wildcard leaves out names with a dot in front.
    matched = [one for one in there if not one.startswith(".") and fnmatchcase(one, name)]
    taken = [there.pop(one) for one in matched]
    return taken[0] if taken else None


def _is_mounted(value: str | None) -> bool:
    return "type=bind" in (value or "")


def _note(subject: Subject, one: Transfer, folder: str | None, added: _Added) -> None:
    """Note the paths of files that COPY or ADD brings."""
    target = subject.expanded(one.target, one)
    if target is None or not isinstance(one, (Copy, Add)):
        return
    for at, source in enumerate(one.sources):
        text = subject.expanded(source, one) if at not in one.inline else None
        name = posixpath.basename((text or "").rstrip("/"))
        whole = _joined(folder, target)
        remedy = _FETCH if (text or source.value).startswith(("http://", "https://")) else _MOUNT
        if name and name != "." and "*" not in name:
            # Whether the target is a folder that is there already is not known, so both count.
            _add(added, posixpath.join(whole, name), one.line, remedy)
        if len(one.sources) == 1 and not target.endswith(("/", ".")):
            _add(added, whole, one.line, remedy)


def _note_downloads(subject: Subject, run: Run, folder: str | None, added: _Added) -> None:
    """Note the files that curl and wget save, outside of conditions and of what is mounted."""
    mounted = tuple(f"{one.options.get('target') or ''}/" for _, one in mount.all_of(run))
    for command, moved in _commands(subject, run):
        if command.name not in download.PROGRAMS:
            continue
        for text in download.files(command):
            path = _joined(folder, text)
            known = (
                "$(" not in text
                and "`" not in text
                and (text.startswith("/") or not (moved or "$" in text[:1]))
            )
            if known and path and not path.startswith(mounted):
                _add(added, path, run.line, "remove it in that step")


def _add(added: _Added, path: str, line: int, remedy: str) -> None:
    parent, name = posixpath.split(path)
    there = added.setdefault(parent, {})
    if len(there) < _MANY or name in there:
        there[name] = line, remedy


def _joined(folder: str | None, path: str) -> str:
    if folder is None and not path.startswith("/"):
        return ""
    return "/" + posixpath.normpath(posixpath.join(folder or "/", path)).lstrip("/")


def _removed(subject: Subject, run: Run) -> Iterator[Arg]:
    """Yield what is removed; once a folder is changed, only absolute paths are sure."""
    for command, moved in _commands(subject, run):
        for arg in command.operands if command.name in {"rm", "unlink"} else ():
            # A variable is the same in the step that adds and in the one that removes.
            known = arg.literal or ("$" in arg.text[1:] and "$(" not in arg.text and "`" not in arg.text)
            if known and (not moved or arg.text.startswith("/")):
                yield arg


def _commands(subject: Subject, run: Run) -> Iterator[tuple[Invocation, bool]]:
    """Yield the commands that are no part of conditions and the like, and whether the folder may be another by then."""
    moved = False
    for script in subject.scripts(run):
        for outer in script.commands:
            moved = moved or outer.name in {"cd", "pushd"}
            if not outer.place.depth:
                yield outer.unwrapped, moved


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
        "FROM debian:12\nRUN wget -P /tmp https://example.com/x.tgz\nRUN rm /tmp/*.tgz\n",
    ),
    good=(
        "FROM debian:12\nRUN curl -o /x https://a/x && rm /x\n",
        "FROM debian:12 AS a\nCOPY x.tgz /\nRUN tar xf x.tgz && rm x.tgz\nFROM scratch\nCOPY --from=a / /\n",
        "FROM debian:12\nCOPY a /a\nRUN rm /b /var/lib/apt/lists/*\n",
        "FROM debian:12 AS a\nCOPY k /k\nFROM debian:12\nRUN rm /k\n",
        "FROM debian:12\nCOPY a /a\nRUN cd /x && rm a\n",
        "FROM debian:12\nRUN rm -rf /usr/share/doc/a /bin/x\n",
    ),
)
