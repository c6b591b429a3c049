"""Rpm modules: an advisory of one stream says nothing about another, nor about a package of none.

Red Hat and its rebuilds ship some packages as modules, several streams side by side: `nodejs:16` and
`nodejs:18` both give `nodejs`, and a version of 16 sorts below the fix of 18 without lacking anything.
Release fields tell a module's package (`1.module_el8.6.0+2904+f21ad6f4`, `module+el8`), but not its
stream. What does: the installed package's modularity label (purl qualifier `rpmmod`), and the
advisory's summary ("Important: nodejs:16 security update").
Module files: https://docs.pagure.org/modularity/
"""

from __future__ import annotations

import re

_STREAM = re.compile(
    r"(?<!\S)([A-Za-z0-9][A-Za-z0-9_.+-]{0,60}):([A-Za-z0-9][A-Za-z0-9_.+-]{0,60})(?=[\s,;]|$)"
)
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_MARK = ".module"


def streams(summary: str) -> tuple[str, ...]:
    """Return the `module:stream` names in a summary, in their order."""
    return tuple(dict.fromkeys(f"{name}:{stream}" for name, stream in _STREAM.findall(summary[:500])))


def is_modular(version: str) -> bool:
    """Tell whether a version is that of a module's package."""
    return _MARK in version


def applies(installed: str, label: str, fix: str, advised: tuple[str, ...]) -> bool:
    """Tell whether an advisory speaks of the stream that is installed.

    installed: version. label: its modularity label (`nodejs:18`, more after it is ignored), or empty.
    fix: version with the fix; empty, nothing is known of it. advised: `streams` of the advisory.

    A module's package against a plain one: no. With label and summary: their streams must be the
    same. Without label: where the fix's version begins with the stream's number (`nodejs:18`,
    18.20.4), the installed one must as well; otherwise the versions alone decide, which may report
    too much, never too little.
    """
    if not fix:
        return True
    modular = is_modular(fix)
    if modular != is_modular(installed):
        return False
    if not modular or not advised:
        return True
    if label:
        return ":".join(label.split(":")[:2]) in advised
    numbers = [stream for _, _, stream in (name.partition(":") for name in advised)]
    told = [number for number in numbers if _NUMBER.fullmatch(number) and _begins(fix, number)]
    return not told or any(_begins(installed, number) for number in told)


def upstream(version: str) -> str:
    """Return a version without its epoch and release."""
    return version.rpartition(":")[2].partition("-")[0]


def _begins(version: str, number: str) -> bool:
    return f"{upstream(version)}.".startswith(number + ".")
