"""DL3037: packages that zypper installs without a version."""

from __future__ import annotations

from collections.abc import Iterator

from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject

_WORDS = frozenset({"install", "in"})


def check(subject: Subject) -> Iterator[Found]:
    """Yield every package without a version."""
    for _, command in subject.commands("zypper"):
        if not command.has_args(*_WORDS):
            continue
        for arg in command.operands:
            text = arg.masked
            if text not in _WORDS and not set("=<>") & set(text) and not text.endswith(".rpm"):
                name = arg.text[:80]
                message = f"{name} is installed in whatever version there is: pin it as `{name}=VERSION`"
                yield Found(arg.span, message)


RULE = Rule(
    code="DL3037",
    title="Packages are installed with zypper in whatever version there is.",
    level=Level.WARNING,
    why=(
        "The index of a distribution changes every day: without a version the same Dockerfile gives "
        "another image tomorrow, and nobody sees when it did. A version that has left the index breaks "
        "the build instead, which is the moment to look at the new one. Write `zypper install -y "
        "name=version`."
    ),
    check=check,
    bad=(
        "FROM opensuse/leap:15.6\nRUN zypper -n install git\n",
        "FROM opensuse/leap:15.6\nRUN zypper in -y git=2.43 curl\n",
    ),
    good=(
        "FROM opensuse/leap:15.6\nRUN zypper in -y git=2.43 'curl>=8'\n",
        "FROM opensuse/leap:15.6\nRUN zypper in -y ./tool.rpm\n",
        "FROM opensuse/leap:15.6\nRUN zypper search git\n",
    ),
)
