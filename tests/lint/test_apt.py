"""Calls of apt-get."""

from __future__ import annotations

import pytest

from lading.dockerfile.parse import parse
from lading.lint import apt
from lading.lint.shell import Invocation
from lading.lint.subject import Subject


def call(command: str) -> Invocation:
    ((_, found),) = apt.installs(Subject(parse(f"FROM debian:12\nRUN {command}\n")))
    return found


@pytest.mark.parametrize(
    ("flags", "asks"),
    [
        ("", True), ("-y", False), ("--yes", False), ("--assume-yes", False), ("--yes=true", False), ("-qy", False),
        ("-q", True), ("-qq", False), ("-q -q", False), ("--quiet --quiet", False), ("-q --quiet", True),
        ("-q=2", False), ("-q=1", True), ("--force-yes", True),
    ],
)  # fmt: skip
def test_who_is_asked(flags: str, *, asks: bool) -> None:
    assert apt.asks(call(f"apt-get install {flags} curl")) is asks


@pytest.mark.parametrize(
    ("flags", "recommends"),
    [
        ("", True),
        ("--no-install-recommends", False),
        ("--no-install-recommends=true", False),
        ("--install-recommends", True),
        ("-o APT::Install-Recommends=false", False),
        ("-o APT::Install-Recommends=true", True),
    ],
)
def test_what_is_recommended(flags: str, *, recommends: bool) -> None:
    assert apt.recommends(call(f"apt-get {flags} install curl")) is recommends


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("curl git=1 jq/stable ./a.deb b.deb", ["curl"]),
        ("-t sid curl", ["curl"]),
        ("-o Dir::Etc=/a -c file curl", ["curl"]),
        ("-- curl", ["curl"]),
        ("$X", ["$X"]),
        ("", []),
    ],
)
def test_which_packages_are_loose(words: str, expected: list[str]) -> None:
    found = apt.loose(call(f"apt-get install {words}"))
    assert [arg.text for arg in found] == expected


def test_only_apt_get_installs() -> None:
    text = "FROM debian:12\nRUN apt-get update; apt install a; echo apt-get install b\n"
    assert list(apt.installs(Subject(parse(text)))) == []
