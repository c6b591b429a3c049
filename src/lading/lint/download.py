"""What curl and wget save, and under which names."""

from __future__ import annotations

import posixpath
from itertools import pairwise

from lading.lint.shell import Arg, Invocation

PROGRAMS = frozenset({"curl", "wget"})
_SCHEMES = ("http://", "https://", "ftp://")


def name(url: str) -> str:
    """Return the name of the file at an address."""
    return posixpath.basename(url.partition("?")[0].partition("#")[0])


def saves(command: Invocation) -> bool:
    """Whether a call of curl or wget writes what it gets to a file."""
    if any(one.operator in {">", ">|"} and not _is_nothing(one.target) for one in command.redirections):
        return True
    dashed = [text for text in command.texts if text.endswith("-")]
    outputs = [
        b for a, b in zip(command.texts, command.texts[1:], strict=False) if _takes_output(command.name, a)
    ]
    # `-o-` and `-qO-` have the value in the same word.
    if any(_is_sink(one) for one in outputs) or any(_takes_output(command.name, one[:-1]) for one in dashed):
        return False
    if command.name == "curl":
        return command.has_flag("o", "O", "output", "remote-name", "J", "remote-header-name")
    return not command.has_flag("spider") and "--output-document=-" not in command.texts


def outputs(command: Invocation) -> list[str]:
    """Return the files that options and redirections name, as written."""
    texts = [arg.text for arg in command.args]
    pairs = pairwise(texts)
    attached = [text.partition("=")[2] for text in texts if text.startswith("--output") and "=" in text]
    targets = [one.target.text for one in command.redirections if one.operator == ">" and one.target]
    return [b for a, b in pairs if _takes_output(command.name, a)] + attached + targets


def files(command: Invocation) -> list[str]:
    """Return the paths that files are saved to, as far as the command tells them; variables as written."""
    if not saves(command):
        return []
    if named := outputs(command):
        return named
    texts = [arg.text for arg in command.args]
    folder = next((b for a, b in pairwise(texts) if a in {"-P", "--directory-prefix", "--output-dir"}), "")
    return [posixpath.join(folder, name(text)) for text in texts if text.startswith(_SCHEMES) and name(text)]


def _takes_output(name: str, text: str) -> bool:
    short = (
        text.startswith("-") and not text.startswith("--") and text.endswith("o" if name == "curl" else "O")
    )
    return short or text in {"--output", "--output-document"}


def _is_sink(text: str) -> bool:
    return text in {"-", "/dev/null", "/dev/stdout"}


def _is_nothing(target: Arg | None) -> bool:
    return target is None or _is_sink(target.text)
