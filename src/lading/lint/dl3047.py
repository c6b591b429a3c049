"""DL3047: wget draws a progress bar into the build's log."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.edit import Edit
from lading.dockerfile.instruction import Run, Shell
from lading.dockerfile.source import Span
from lading.lint.by_name import image_name
from lading.lint.rule import Fix, Found, Level, Rule
from lading.lint.shell import Invocation
from lading.lint.subject import Subject

_QUIET = ("progress", "q", "quiet", "o", "output-file", "a", "append-output", "no-verbose")
# In these wget is GNU's; busybox's knows no --progress.
_GNU = frozenset({"debian", "ubuntu", "fedora", "centos", "rockylinux", "almalinux", "archlinux"})


def check(subject: Subject) -> Iterator[Found]:
    """Yield calls of wget that show their progress."""
    for run, command in subject.commands("wget"):
        if not command.has_flag(*_QUIET) and not command.has_args("-nv"):
            message = "wget fills the log with its progress bar: add --progress=dot:giga, or -nv"
            yield Found(command.words[0].span, message, _fix(subject, run, command))


def _fix(subject: Subject, run: Run, command: Invocation) -> Fix | None:
    stage = subject.stage_of(run)
    if stage is None or not subject.language(run) or not isinstance(run.command, Shell):
        return None
    end = command.words[0].span.end
    safe = image_name(subject.image(stage)) in _GNU and "busybox" not in subject.before(command)
    edit = Edit(Span(end, end), " --progress=dot:giga")
    return Fix("Show a dot for each few megabytes", (edit,), safe=safe)


RULE = Rule(
    code="DL3047",
    title="Wget draws its progress into the build's log.",
    level=Level.INFO,
    why=(
        "Without a terminal wget writes a line for every few kilobytes. A large download makes thousands "
        "of lines, in which what matters is lost, and some build services cut the log off. Show less with "
        "`--progress=dot:giga`, or nothing but errors with `-nv`."
    ),
    check=check,
    fixable=True,
    bad=(
        "FROM debian:12\nRUN wget https://example.org/a.tar.gz\n",
        "FROM debian:12\nRUN wget -O a.tgz https://example.org/a.tar.gz && tar xf a.tgz\n",
    ),
    good=(
        "FROM debian:12\nRUN wget --progress=dot:giga https://example.org/a.tar.gz\n",
        "FROM debian:12\nRUN wget -nv https://example.org/a.tar.gz\n",
        "FROM debian:12\nRUN wget -qO- https://example.org/a.tar.gz\n",
    ),
)
