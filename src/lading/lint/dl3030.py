"""DL3030: yum install that waits for a yes."""

from __future__ import annotations

from collections.abc import Iterator

from lading.lint import verb
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject

_VERBS = ("install", "groupinstall", "localinstall")


def check(subject: Subject) -> Iterator[Found]:
    """Yield every call of yum that installs and is not told to go on."""
    for run, command in subject.commands("yum"):
        if command.has_args(*_VERBS) and not command.has_flag("y", "assumeyes"):
            fix = verb.with_flag(run, command, "-y", *_VERBS, safe=True)
            yield Found(command.words[0].span, "nobody can answer yum during a build: add -y", fix)


RULE = Rule(
    code="DL3030",
    title="`yum install` needs `-y` in a build.",
    level=Level.WARNING,
    why=(
        "yum asks before it installs anything, and a build has no terminal to answer from: the answer is taken as "
        "no, nothing is installed, and the step fails. `-y` answers beforehand."
    ),
    check=check,
    fixable=True,
    bad=(
        "FROM centos:7\nRUN yum install httpd-2.4.6\n",
        "FROM centos:7\nRUN yum groupinstall 'Development Tools' && yum clean all\n",
        "FROM centos:7\nRUN yum -q localinstall /tmp/a.rpm\n",
        'FROM centos:7\nRUN ["yum", "install", "httpd-2.4.6"]\n',
        "FROM centos:7\nONBUILD RUN yum install httpd-2.4.6\n",
    ),
    good=(
        "FROM centos:7\nRUN yum install -y httpd-2.4.6\n",
        "FROM centos:7\nRUN yum -yq install httpd-2.4.6\n",
        "FROM centos:7\nRUN yum --assumeyes groupinstall tools\n",
        "FROM centos:7\nRUN yum clean all\n",
    ),
)
