"""Calls of apt-get that install something."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lading.dockerfile.instruction import Run
from lading.lint import unpinned
from lading.lint.rule import Found
from lading.lint.shell import Arg, Invocation
from lading.lint.subject import Subject
from lading.lint.unpinned import Ecosystem

APT = Ecosystem(
    "apt",
    "=",
    # `name-` removes, and a version for one architecture is that of all.
    re.compile(r"([a-z0-9][a-z0-9+.-]*[a-z0-9+])(?::[a-z0-9]+)?", re.ASCII),
    ("sources.list", "add-apt-repository", "apt-key", "/etc/apt/preferences", "/etc/apt/keyrings"),
)
_VERB = ("install",)
# A release, an option, a configuration file, an architecture: what follows is no package.
_VALUED = frozenset(
    {"t", "target-release", "default-release", "o", "option", "c", "config-file", "a", "host-architecture"}
)
_QUIET_ENOUGH = 2


def installs(subject: Subject) -> Iterator[tuple[Run, Invocation]]:
    """Yield the calls of `apt-get install`."""
    for run, command in subject.commands("apt-get"):
        if command.has_args("install"):
            yield run, command


def loose(command: Invocation) -> tuple[Arg, ...]:
    """Return the packages of a call that have no version: nor a release (`name/stable`), nor are files."""
    return tuple(
        arg
        for arg in unpinned.packages(command, _VERB, _VALUED)
        if "=" not in arg.masked and "/" not in arg.masked and not arg.masked.endswith(".deb")
    )


def unpinned_in(subject: Subject, run: Run, command: Invocation) -> Iterator[Found]:
    """Yield a finding for each package without a version; no pin if a flag names the release they come from."""
    can_pin = not command.has_flag("t", "target-release", "default-release")
    return unpinned.found(subject, run, loose(command), APT, can_pin=can_pin)


def asks(command: Invocation) -> bool:
    """Whether a call waits for a yes. Two `-q` are a yes too."""
    if command.has_flag("y", "yes", "assume-yes", "qq") or command.has_args("-q=2"):
        return False
    texts = command.texts
    short = sum(text.count("q") for text in texts if text.startswith("-") and not text.startswith("--"))
    return _QUIET_ENOUGH not in {short, texts.count("--quiet")}


def recommends(command: Invocation) -> bool:
    """Whether a call installs what packages recommend."""
    return not (
        command.has_flag("no-install-recommends") or command.has_args("APT::Install-Recommends=false")
    )
