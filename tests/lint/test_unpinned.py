"""Packages without versions, and the pins that an index gives for them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from lading import lint
from lading.dockerfile.edit import apply
from lading.dockerfile.parse import parse
from lading.errors import UnavailableError
from lading.lint import checking, fixing, unpinned
from lading.lint.pin_source import Wanted
from lading.lint.subject import Subject

VERSIONS = {
    "apt": {"curl": "7.88.1-10+deb12u12", "git": "1:2.39.5-0+deb12u2", "g++": "4:12.2.0-3"},
    "apk": {"bash": "5.2.26-r0"},
    "pypi": {"flask": "3.0.3", "uvicorn": "0.30.6"},
    "npm": {"typescript": "5.5.4", "@angular/cli": "18.2.0"},
    "gem": {"rake": "13.2.1"},
}
EVERY = frozenset({"", "1.0; rm -rf /", "$(id)", "-1", "1 2", '1"', "1\n"})


class Known:
    """An index of few packages, which remembers what it was asked."""

    def __init__(self, versions: Mapping[str, Mapping[str, str]] = VERSIONS) -> None:
        self.versions_of = versions
        self.asked: list[Wanted] = []

    def versions(self, wanted: Wanted) -> Mapping[str, str]:
        self.asked.append(wanted)
        known = self.versions_of.get(wanted.index, {})
        return {name: known[name] for name in wanted.names if name in known}


class Down:
    """An index that cannot be asked."""

    def versions(self, wanted: Wanted) -> Mapping[str, str]:
        raise UnavailableError(f"{wanted.index} does not answer", hint="try again")


def pinned(code: str, text: str, index: Known | None = None) -> str:
    """Return the text with all fixes of one rule made."""
    outcome = checking.check(text.encode(), index=index or Known(), rules=[lint.load(code)])
    changes = [one.fix.edits for one in outcome.findings if one.fix]
    return apply(outcome.file.source, changes).source.text


@pytest.mark.parametrize(
    ("code", "command", "expected"),
    [
        ("DL3008", "apt-get install -y curl git", "apt-get install -y curl=7.88.1-10+deb12u12 git=1:2.39.5-0+deb12u2"),
        ("DL3008", "apt-get install -y 'curl' g++", "apt-get install -y 'curl=7.88.1-10+deb12u12' g++=4:12.2.0-3"),
        ("DL3008", "apt-get install curl:amd64", "apt-get install curl:amd64=7.88.1-10+deb12u12"),
        ("DL3008", '["apt-get", "install", "curl"]', '["apt-get", "install", "curl=7.88.1-10+deb12u12"]'),
        ("DL3008", "apt-get install curl- nobody $X c*l", "apt-get install curl- nobody $X c*l"),
        ("DL3008", "apt-get install -t sid curl", "apt-get install -t sid curl"),
        ("DL3008", "apt-get install \\\n  curl \\\n  git=1", "apt-get install \\\n  curl=7.88.1-10+deb12u12 \\\n  git=1"),
        ("DL3008", "<<EOF\napt-get install curl\nEOF", "<<EOF\napt-get install curl=7.88.1-10+deb12u12\nEOF"),
        ("DL3013", "pip install flask 'uvicorn[standard]'", "pip install flask==3.0.3 'uvicorn[standard]==0.30.6'"),
        ("DL3013", "pip install git+https://a/flask ./flask", "pip install git+https://a/flask ./flask"),
        ("DL3013", "pip install --timeout 10 flask", "pip install --timeout 10 flask==3.0.3"),
        ("DL3016", "npm install -g typescript @angular/cli", "npm install -g typescript@5.5.4 @angular/cli@18.2.0"),
        ("DL3016", "npm install --prefix typescript a@1", "npm install --prefix typescript a@1"),
        ("DL3018", "apk add -t bash bash", "apk add -t bash bash=5.2.26-r0"),
        ("DL3018", "apk add bash@edge", "apk add bash@edge"),
        ("DL3028", "gem install rake -- rake", "gem install rake:13.2.1 -- rake"),
        ("DL3028", "gem install rake.gem", "gem install rake.gem"),
    ],
)  # fmt: skip
def test_what_the_index_knows_is_pinned(code: str, command: str, expected: str) -> None:
    assert pinned(code, f"FROM debian:12\nRUN {command}\n") == f"FROM debian:12\nRUN {expected}\n"


def test_the_index_is_asked_once_for_a_command_and_told_the_base() -> None:
    index = Known()
    text = "ARG TAG=12\nFROM debian:$TAG AS base\nFROM base\nRUN apt-get install curl git curl\n"
    pinned("DL3008", text, index)
    assert index.asked == [Wanted("apt", ("curl", "git"), "debian:12")]


@pytest.mark.parametrize("version", sorted(EVERY))
def test_a_version_that_a_shell_could_read_as_more_is_not_written(version: str) -> None:
    text = "FROM debian:12\nRUN apt-get install curl\n"
    assert pinned("DL3008", text, Known({"apt": {"curl": version}})) == text


@pytest.mark.parametrize(
    ("setup", "safe"),
    [
        ("RUN make", True),
        ("RUN echo deb http://a b >> /etc/apt/sources.list", False),
        ("COPY key.gpg /etc/apt/keyrings/", False),
    ],
)
def test_a_pin_is_safe_unless_packages_may_come_from_elsewhere(setup: str, *, safe: bool) -> None:
    text = f"FROM debian:12\n{setup}\nRUN apt-get install curl\n"
    outcome = checking.check(text.encode(), index=Known(), rules=[lint.load("DL3008")])
    assert [one.safe for one in outcome.findings] == [safe]


def test_without_an_answer_there_is_a_finding_that_could_be_fixed_and_a_note() -> None:
    text = b"FROM debian:12\nRUN apt-get install curl $X\n"
    offline = checking.check(text, rules=[lint.load("DL3008")])
    assert [(one.fixable, one.fix) for one in offline.findings] == [(True, None), (False, None)]
    assert offline.notes == ()
    down = checking.check(text, index=Down(), rules=[lint.load("DL3008")])
    assert [(one.fixable, one.fix) for one in down.findings] == [(True, None), (False, None)]
    assert len(down.notes) == 1
    assert "apt does not answer" in down.notes[0]


def test_apt_becomes_apt_get_with_all_that_is_asked_of_it() -> None:
    text = b"FROM debian:12\nRUN apt install curl\n"
    fixed = fixing.fix(text, unsafe=True, index=Known())
    expected = "RUN apt-get install -y --no-install-recommends curl=7.88.1-10+deb12u12\n"
    assert expected in fixed.data.decode()
    assert fixed.faults == ()
    assert (
        pinned("DL3027", "FROM debian:12\nRUN apt install nobody\n")
        == "FROM debian:12\nRUN apt install nobody\n"
    )


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("tool add -v x a -q b", ["a", "b"]),
        ("tool add -qv x a", ["a"]),
        ("tool add --value x --value=y a", ["a"]),
        ("tool add -v=x a", ["a"]),
        ("tool add -- a - b", ["a", "-", "b"]),
        ("tool add -v", []),
        ("tool -v -v x add a", ["a"]),
    ],
)
def test_packages_are_what_is_no_flag_nor_its_value(command: str, expected: list[str]) -> None:
    subject = Subject(parse(f"FROM debian:12\nRUN {command}\n"))
    (_, one), *_ = subject.commands("tool")
    found = unpinned.packages(one, ("add",), frozenset({"v", "value"}))
    assert [arg.text for arg in found] == expected


def test_what_is_shown_is_one_short_line() -> None:
    assert unpinned.shown("a\n b\t" + "c" * 100) == "a b " + "c" * 76


@pytest.mark.parametrize(
    ("digest_of_version", "tag"),
    [("sha256:1", "12.5"), ("sha256:2", "latest"), (None, "latest")],
    ids=["the-same-image", "another-image", "not-known"],
)
@pytest.mark.parametrize(("code", "written"), [("DL3006", "debian"), ("DL3007", "debian:latest")])
def test_a_version_is_named_that_is_the_same_image(
    code: str, written: str, digest_of_version: str | None, tag: str
) -> None:
    images = {"debian:latest": "sha256:1"}
    if digest_of_version:
        images["debian:12.5"] = digest_of_version
    index = Known({"image": images, "tag": {"debian:latest": "12.5"}})
    assert pinned(code, f"FROM {written} AS a\n", index) == f"FROM debian:{tag}@sha256:1 AS a\n"
