"""DL3033: packages that yum installs without a version."""

from __future__ import annotations

from collections.abc import Iterator

from lading.lint import rpm_packages
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Yield every package and module without a version."""
    return rpm_packages.check(subject, "yum", ("yum",), ())


RULE = Rule(
    code="DL3033",
    title="Packages are installed with yum in whatever version there is.",
    level=Level.WARNING,
    why=(
        "The index of a distribution changes every day: without a version the same Dockerfile gives "
        "another image tomorrow, and nobody sees when it did. A version that has left the index breaks "
        "the build instead, which is the moment to look at the new one. Write `yum install -y name- "
        "version`, and a module as `name:stream`."
    ),
    check=check,
    fixable=True,
    needs_index=True,
    bad=(
        "FROM rockylinux:9\nRUN yum install -y git\n",
        "FROM rockylinux:9\nRUN yum install -y epel-release git-2.43\n",
        "FROM rockylinux:9\nRUN yum module install -y nodejs\n",
    ),
    good=(
        "FROM rockylinux:9\nRUN yum install -y git-2.43.5-1.el9\n",
        "FROM rockylinux:9\nRUN yum install -y ./tool-1.0.rpm\n",
        "FROM rockylinux:9\nRUN yum module install -y nodejs:22\n",
        "FROM rockylinux:9\nRUN yum remove -y git\n",
    ),
)
