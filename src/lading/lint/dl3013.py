"""DL3013: pip installs packages without a version."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lading.dockerfile.instruction import Run
from lading.lint import unpinned
from lading.lint.rule import Found, Level, Rule
from lading.lint.shell import Arg, Invocation
from lading.lint.subject import Subject
from lading.lint.unpinned import Ecosystem

_PIP = Ecosystem(
    "pypi",
    "==",
    re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)(?:\[[A-Za-z0-9._,-]*\])?", re.ASCII),
    ("index-url", "INDEX_URL", "find-links", "FIND_LINKS", "pip.conf", " -i ", "--pre"),
)
_SIGNS = ("==", ">=", "<=", ">", "<", "!=", "~=")
_FILES = (".whl", ".tar.gz")
# https://pip.pypa.io/en/stable/topics/vcs-support/
_REPOSITORIES = ("git", "hg+", "svn", "bzr+")
# https://pip.pypa.io/en/stable/cli/pip_install/#options
_VALUED = frozenset(
    {
        "abi", "b", "build", "C", "cache-dir", "cert", "client-cert", "config-setting", "config-settings",
        "e", "editable", "exists-action", "extra-index-url", "f", "find-links", "global-option", "group",
        "i", "implementation", "index-url", "keyring-provider", "log", "no-binary", "only-binary",
        "platform", "prefix", "progress-bar", "proxy", "python", "python-version", "report",
        "resume-retries", "retries", "root", "root-user-action", "src", "t", "target", "timeout",
        "trusted-host", "upgrade-strategy", "use-deprecated", "use-feature",
    }
)  # fmt: skip


def check(subject: Subject) -> Iterator[Found]:
    """Yield every package that pip installs in any version at all."""
    for run, command in subject.commands():
        if _installs(command) and not _is_led(command):
            yield from _found(subject, run, command)


def _found(subject: Subject, run: Run, command: Invocation) -> Iterator[Found]:
    args = _after_verb(tuple(unpinned.packages(command, (), _VALUED)))
    loose = [arg for arg in args if not _has_version(arg.masked)]
    return unpinned.found(subject, run, loose, _PIP)


def _installs(command: Invocation) -> bool:
    """Whether it is `pip install`, of any pip, or `python -m pip install`."""
    texts = command.texts
    if command.name.startswith("pip"):
        return "install" in texts
    if not command.name.startswith("python"):
        return False
    return any(texts[at : at + 3] == ("-m", "pip", "install") for at in range(len(texts) - 2))


def _is_led(command: Invocation) -> bool:
    """Whether versions come from a file: of requirements, of constraints, or of the project here."""
    return command.has_args("-r", "--requirement", ".") or command.has_flag("constraint", "c")


def _after_verb(args: tuple[Arg, ...]) -> tuple[Arg, ...]:
    at = next((at for at, arg in enumerate(args) if arg.masked == "install"), len(args))
    return tuple(arg for arg in args[at:] if arg.masked != "install")


def _has_version(text: str) -> bool:
    if any(sign in text for sign in _SIGNS) or text.endswith(_FILES):
        return True
    return ("@" if text.startswith(_REPOSITORIES) else "/") in text


RULE = Rule(
    code="DL3013",
    title="Packages that pip installs should have a version.",
    level=Level.WARNING,
    why=(
        "`pip install name` takes the newest release that fits the interpreter, and that changes without notice, "
        "by whoever may publish it. Pin what you have tested, `name==version`; better still, install from a lock "
        "file with hashes (`pip install --require-hashes -r requirements.txt`), which holds the dependencies as "
        "well."
    ),
    check=check,
    fixable=True,
    needs_index=True,
    bad=(
        "FROM python:3.12\nRUN pip install --no-cache-dir flask\n",
        "FROM python:3.12\nRUN pip3 install --no-cache-dir flask==3.0.3 gunicorn\n",
        "FROM python:3.12\nRUN python3 -m pip install --no-cache-dir 'flask[async]'\n",
        "FROM python:3.12\nRUN pip install --no-cache-dir --upgrade pip\n",
        "FROM python:3.12\nRUN pip install --no-cache-dir git+https://example.com/a/b\n",
        'FROM python:3.12\nRUN ["pip", "install", "--no-cache-dir", "flask"]\n',
        "FROM python:3.12\nRUN pip install --no-cache-dir --timeout 60 flask\n",
    ),
    good=(
        "FROM python:3.12\nRUN pip install --no-cache-dir flask==3.0.3 'gunicorn>=22,<23'\n",
        "FROM python:3.12\nRUN pip install --no-cache-dir -r requirements.txt\n",
        "FROM python:3.12\nRUN pip install --no-cache-dir -c constraints.txt flask\n",
        "FROM python:3.12\nRUN pip install --no-cache-dir . ./plugin /tmp/a.whl\n",
        "FROM python:3.12\nRUN pip install --no-cache-dir git+https://example.com/a/b@v1.2\n",
        "FROM python:3.12\nRUN pip install --no-cache-dir --timeout 60 --target /lib flask==3.0.3\n",
        "FROM python:3.12\nRUN pip download flask && python setup.py install\n",
    ),
)
