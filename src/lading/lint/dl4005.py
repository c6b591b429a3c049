"""DL4005: /bin/sh is replaced with ln."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile import execform
from lading.dockerfile.edit import Edit
from lading.dockerfile.instruction import Run, Shell
from lading.lint.rule import Fix, Found, Level, Rule
from lading.lint.shell import Invocation
from lading.lint.subject import Subject

_SHELLS = {"bash": "/bin/bash", "/bin/bash": "/bin/bash", "/usr/bin/bash": "/usr/bin/bash"}
_LINK_WORDS = 2


def check(subject: Subject) -> Iterator[Found]:
    """Yield calls of ln that name /bin/sh."""
    for run, command in subject.commands("ln"):
        if command.has_args("/bin/sh"):
            message = "replacing /bin/sh changes it for every program: name the build's shell with SHELL"
            yield Found(command.words[0].span, message, _fix(subject, run, command))


def _fix(subject: Subject, run: Run, command: Invocation) -> Fix | None:
    """Return the fix where the RUN does nothing else, and what is linked is bash."""
    scripts = subject.scripts(run)
    alone = isinstance(run.command, Shell) and len(scripts) == 1 and len(scripts[0].commands) == 1
    words = command.operands
    if not alone or run.heredocs or len(words) != _LINK_WORDS or words[1].text != "/bin/sh":
        return None
    shell = _SHELLS.get(words[0].text)
    if shell is None or command.redirections:
        return None
    text = "SHELL " + execform.written([shell, "-c"])
    return Fix(f"Use SHELL for {shell}", (Edit(run.span, text),), safe=False)


RULE = Rule(
    code="DL4005",
    title="The shell of the image is replaced with a link.",
    level=Level.WARNING,
    why=(
        "A link at /bin/sh changes the shell of every program in the image, of package scripts too, and "
        "the next upgrade of the package that owns it puts the old one back. What is wanted is mostly "
        "another shell for the RUNs that follow: SHELL does just that."
    ),
    check=check,
    fixable=True,
    bad=(
        "FROM debian:12\nRUN ln -sf /bin/bash /bin/sh\n",
        "FROM debian:12\nRUN rm /bin/sh && ln -s /bin/bash /bin/sh\n",
    ),
    good=(
        'FROM debian:12\nSHELL ["/bin/bash", "-c"]\n',
        "FROM debian:12\nRUN ln -s /usr/bin/python3 /usr/bin/python\n",
    ),
)
