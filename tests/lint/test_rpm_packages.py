"""Which packages of yum and dnf have a version, and what their pins look like."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from lading import lint
from lading.lint import checking, rpm_packages
from lading.lint.pin_source import Wanted


@pytest.mark.parametrize(
    ("package", "has"),
    [
        ("git", False),
        ("git-2.43", True),
        ("git-2.43.5-1.el9.x86_64", True),
        ("java-1.8.0-openjdk-devel", True),
        ("epel-release", False),
        ("gcc-c++", False),
        ("git-2.43*", False),
        ("git-${VAR}", False),
        ("tool.rpm", False),
        ("./tool-x.rpm", True),
        ("-", False),
        ("", False),
        ("a-\u0661", False),
    ],
)
def test_a_version_begins_with_a_digit(package: str, *, has: bool) -> None:
    assert rpm_packages.has_version(package) is has


class Known:
    """An index of one package."""

    def __init__(self) -> None:
        self.asked: list[Wanted] = []

    def versions(self, wanted: Wanted) -> Mapping[str, str]:
        self.asked.append(wanted)
        return {"git": "2.47.1-1.fc41"}


def test_each_known_package_is_pinned() -> None:
    index = Known()
    data = b"FROM fedora:41\nRUN dnf install -y 'git' other curl-8 $MORE\n"
    found = checking.check(data, index=index, rules=[lint.load("DL3041")]).findings
    assert index.asked == [Wanted("dnf", ("git", "other"), "fedora:41")]
    fixes = [[edit.text for edit in one.fix.edits] if one.fix else None for one in found]
    assert fixes == [["git-2.47.1-1.fc41"], None, None]
    assert [one.fixable for one in found] == [True, True, False]
