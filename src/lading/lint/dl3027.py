"""DL3027: apt in a script."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.edit import Edit
from lading.dockerfile.instruction import Exec, Run
from lading.lint import apt, verb
from lading.lint.rule import Fix, Found, Level, Rule
from lading.lint.shell import Arg, Invocation
from lading.lint.subject import Subject

# What each subcommand is called elsewhere, where it takes the same arguments.
_INSTEAD = {
    "autoclean": ("apt-get", "autoclean"),
    "autoremove": ("apt-get", "autoremove"),
    "build-dep": ("apt-get", "build-dep"),
    "clean": ("apt-get", "clean"),
    "download": ("apt-get", "download"),
    "full-upgrade": ("apt-get", "dist-upgrade"),
    "install": ("apt-get", "install"),
    "policy": ("apt-cache", "policy"),
    "purge": ("apt-get", "purge"),
    "reinstall": ("apt-get", "install --reinstall"),
    "remove": ("apt-get", "remove"),
    "source": ("apt-get", "source"),
    "update": ("apt-get", "update"),
    "upgrade": ("apt-get", "upgrade --with-new-pkgs"),
}


def check(subject: Subject) -> Iterator[Found]:
    """Yield every call of apt."""
    for run, command in subject.commands("apt"):
        message = "apt is for people at a terminal: call apt-get or apt-cache"
        fix, could_fix = _fix(subject, run, command)
        yield Found(command.words[0].span, message, fix, could_fix=could_fix)


def _fix(subject: Subject, run: Run, command: Invocation) -> tuple[Fix | None, bool]:
    """Return the fix, and whether there is one once versions are known."""
    word = verb.of(command, *_INSTEAD)
    if word is None or not _is_plain(subject, word) or not _is_plain(subject, command.words[0]):
        return None, False
    program, subcommand = _INSTEAD[word.text]
    if isinstance(run.command, Exec):
        subcommand = subcommand.replace(" ", '", "')
    edits = [Edit(command.words[0].span, _quoted(subject, command.words[0], program))]
    safe = True
    if "install" in subcommand:
        pins = _pins(subject, run, command)
        if pins is None:
            return None, True
        edits += pins
        separator = '", "' if isinstance(run.command, Exec) else " "
        if apt.asks(command):
            subcommand += f"{separator}-y"
        if apt.recommends(command):
            subcommand += f"{separator}--no-install-recommends"
            safe = False
    if subcommand != word.text:
        edits.append(Edit(word.span, _quoted(subject, word, subcommand)))
    return Fix(f"Call {program}", tuple(edits), safe), False


def _pins(subject: Subject, run: Run, command: Invocation) -> list[Edit] | None:
    """Return the edits that pin what `apt-get install` would be blamed for; None if one is not known."""
    edits: list[Edit] = []
    for one in apt.unpinned_in(subject, run, command):
        if one.fix is None:
            return None
        edits += one.fix.edits
    return edits


def _is_plain(subject: Subject, word: Arg) -> bool:
    """Whether a word is written as it is, or in double quotes."""
    return subject.text(word.span).strip('"') == word.text


def _quoted(subject: Subject, word: Arg, text: str) -> str:
    return f'"{text}"' if subject.text(word.span).startswith('"') else text


RULE = Rule(
    code="DL3027",
    title="Scripts should call apt-get or apt-cache, not apt.",
    level=Level.WARNING,
    why=(
        "apt is made for people: it draws progress bars, colours its output, and says itself that its command "
        "line is not stable and may change. apt-get and apt-cache do the same for scripts, and keep their options "
        "and their output from one release to the next."
    ),
    check=check,
    fixable=True,
    needs_index=True,
    bad=(
        "FROM debian:12\nRUN apt update && rm -rf /var/lib/apt/lists/*\n",
        "FROM debian:12\nRUN apt install -y curl\n",
        "FROM debian:12\nRUN apt install curl=7.88.1-10\n",
        "FROM debian:12\nRUN apt -y full-upgrade\n",
        "FROM debian:12\nRUN apt list --installed\n",
        'FROM debian:12\nRUN ["apt", "clean"]\n',
        'FROM debian:12\nRUN ["apt", "install", "curl=7.88.1-10"]\n',
        "FROM debian:12\nONBUILD RUN apt clean\n",
    ),
    good=(
        "FROM debian:12\nRUN apt-get update && rm -rf /var/lib/apt/lists/*\n",
        "FROM debian:12\nRUN apt-cache policy curl\n",
        "FROM debian:12\nRUN echo apt update\n",
        "FROM debian:12\nRUN apt-get install -y apt=2.6.1\n",
    ),
)
