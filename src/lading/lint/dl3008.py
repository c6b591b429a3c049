"""DL3008: apt-get installs packages without a version."""

from __future__ import annotations

from collections.abc import Iterator

from lading.lint import apt
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Yield every package that apt-get installs in no certain version."""
    for run, command in apt.installs(subject):
        yield from apt.unpinned_in(subject, run, command)


RULE = Rule(
    code="DL3008",
    title="Packages that apt-get installs should have a version.",
    level=Level.WARNING,
    why=(
        "A name alone installs what the archive holds on the day of the build. Two builds of one Dockerfile then "
        "differ without anybody having changed it, and when the newer one fails, nothing says what changed. With "
        "`name=version` a build gives what was tested, or stops and says that the version is gone."
    ),
    check=check,
    fixable=True,
    needs_index=True,
    bad=(
        "FROM debian:12\nRUN apt-get install -y --no-install-recommends curl\n",
        "FROM debian:12\nRUN apt-get update && apt-get -y install git=1:2.39.5-0+deb12u2 make\n",
        "FROM debian:12\nRUN apt-get install -y -t bookworm-backports git\n",
        "FROM debian:12\nRUN apt-get install -y $PACKAGES\n",
        'FROM debian:12\nRUN ["apt-get", "install", "-y", "curl"]\n',
        "FROM debian:12\nONBUILD RUN apt-get install -y curl\n",
        "FROM debian:12\nRUN <<EOF\napt-get install -y curl\nEOF\n",
    ),
    good=(
        "FROM debian:12\nRUN apt-get install -y curl=7.88.1-10+deb12u12\n",
        'FROM debian:12\nRUN apt-get install -y "curl=$CURL_VERSION"\n',
        "FROM debian:12\nRUN apt-get install -y ./tool.deb /tmp/other.deb git/bookworm-backports\n",
        "FROM debian:12\nRUN apt-get install -y -t bookworm-backports git=1:2.47.1-1~bpo12+1\n",
        "FROM debian:12\nRUN apt-get remove -y curl\n",
        "FROM debian:12\nRUN echo apt-get install curl\n",
    ),
)
