"""DL3010: an archive is copied and unpacked in two steps."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.instruction import Copy, Run, Transfer
from lading.dockerfile.words import Word
from lading.lint.rule import Found, Level, Rule
from lading.lint.shell import Invocation
from lading.lint.subject import Subject

_ARCHIVES = (
    ".tar", ".Z", ".bz2", ".gz", ".lz", ".lzma", ".tZ", ".tb2", ".tbz", ".tbz2", ".tgz", ".tlz", ".tpz", ".txz", ".xz",
)  # fmt: skip
_UNPACKERS = frozenset({"unzip", "gunzip", "bunzip2", "unlzma", "unxz", "zgz", "uncompress", "zcat", "gzcat"})


def check(subject: Subject) -> Iterator[Found]:
    """Yield the COPYs of the last stage whose archives a later RUN unpacks."""
    copied: list[tuple[Copy, Word, str]] = []
    unpacked: set[tuple[int, str]] = set()
    for one in subject.stages[-1].instructions if subject.stages else ():
        if isinstance(one, Copy) and one.flag("from") is None:
            copied += [(one, word, name) for word, name in _archives(one)]
        elif isinstance(one, Run) and copied:
            names = _unpacked(subject, one)
            unpacked |= {(copy.span.start, name) for copy, _, name in copied if name in names}
    for copy, word, name in copied:
        if (copy.span.start, name) in unpacked:
            message = "the archive stays in its layer after it is unpacked: let ADD unpack it"
            yield Found(word.span, message)


def _archives(copy: Transfer) -> Iterator[tuple[Word, str]]:
    """Yield the archives that a COPY makes, with the last part of their path."""
    for word in (copy.target,) if _name(copy.target.value).endswith(_ARCHIVES) else copy.sources:
        name = _name(word.value)
        if name.endswith(_ARCHIVES):
            yield word, name


def _name(path: str) -> str:
    return path.strip("\"'").replace("\\", "/").rpartition("/")[2]


def _unpacked(subject: Subject, run: Run) -> set[str]:
    return {
        _name(arg.text)
        for script in subject.scripts(run)
        for command in script.commands
        if _unpacks(command)
        for arg in command.operands
        if arg.literal
    }


def _unpacks(command: Invocation) -> bool:
    if command.name in _UNPACKERS:
        return True
    if command.name != "tar":
        return False
    short = any("x" in text for text in command.texts if text[:1] == "-" and text[:2] != "--")
    return short or command.has_args("--extract", "--get")


RULE = Rule(
    code="DL3010",
    title="ADD unpacks local archives in one step.",
    level=Level.INFO,
    why=(
        "COPY puts the archive into a layer, and what RUN unpacks comes on top in the next. Removing the archive "
        "afterwards hides it and saves nothing: the image still ships both. ADD unpacks a tar archive from the "
        "build context while it copies, whatever it is compressed with, and the archive itself never gets into "
        "the image."
    ),
    check=check,
    bad=(
        "FROM debian:12\nCOPY app.tar.gz /tmp/\nRUN tar -xzf /tmp/app.tar.gz -C /opt\n",
        "FROM debian:12\nCOPY root.tar.xz /tmp/fs.tar.xz\nRUN tar --extract -f /tmp/fs.tar.xz && rm /tmp/fs.tar.xz\n",
        'FROM debian:12\nCOPY ["data.gz", "/srv/"]\nRUN gunzip /srv/data.gz\n',
        "FROM debian:12\nCOPY a.tgz b.tgz /tmp/\nRUN cd / && tar -C /opt -xf /tmp/b.tgz\n",
    ),
    good=(
        "FROM debian:12\nADD app.tar.gz /opt/\n",
        "FROM debian:12\nCOPY app.tar.gz /srv/\nRUN tar -tzf /srv/app.tar.gz\n",
        "FROM debian:12\nCOPY app.tar.gz /srv/\nRUN tar -xzf /srv/other.tar.gz\n",
        "FROM debian:12 AS a\nFROM debian:12\nCOPY --from=a /app.tar.gz /tmp/\nRUN tar -xzf /tmp/app.tar.gz\n",
        "FROM debian:12\nCOPY app.zip /srv/\nRUN unzip /srv/app.zip\n",
    ),
)
