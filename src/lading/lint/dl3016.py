"""DL3016: npm installs packages without a version."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lading.lint import unpinned
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject
from lading.lint.unpinned import Ecosystem

_NPM = Ecosystem(
    "npm",
    "@",
    re.compile(r"((?:@[a-z0-9~-][a-z0-9._~-]*/)?[a-z0-9~-][a-z0-9._~-]*)", re.ASCII),
    ("registry", ".npmrc"),
)
_VERBS = ("install",)
# https://docs.npmjs.com/cli/using-npm/config
_VALUED = frozenset(
    {
        "before", "C", "cache", "cpu", "fetch-retries", "fetch-timeout", "include", "install-strategy",
        "libc", "loglevel", "maxsockets", "omit", "os", "prefix", "registry", "script-shell", "tag",
        "userconfig", "w", "workspace",
    }
)  # fmt: skip
_REPOSITORIES = ("git://", "git+ssh://", "git+http://", "git+https://")
_FOLDERS = ("/", "./", "../", "~/")
_ARCHIVES = (".tar", ".tar.gz", ".tgz")


def check(subject: Subject) -> Iterator[Found]:
    """Yield every package that npm installs in any version at all."""
    for run, command in subject.commands("npm"):
        operands = list(unpinned.packages(command, (), _VALUED))
        if operands and operands[0].masked in _VERBS:
            loose = [arg for arg in operands[1:] if arg.masked not in _VERBS and not _has_version(arg.masked)]
            yield from unpinned.found(subject, run, loose, _NPM)


def _has_version(text: str) -> bool:
    if text.startswith(_REPOSITORIES):
        return "#" in text
    if text.endswith(_ARCHIVES) or text.startswith(_FOLDERS):
        return True
    return "@" in (text.partition("/")[2] if text.startswith("@") else text)


RULE = Rule(
    code="DL3016",
    title="Packages that npm installs should have a version.",
    level=Level.WARNING,
    why=(
        "`npm install name` takes what the tag `latest` points to at the moment of the build, and runs its "
        "install scripts. Another day it is another release, or somebody else's. Name the version (`name@1.2.3`), "
        "or let a lock file say it: copy package.json and package-lock.json, and run `npm ci`."
    ),
    check=check,
    fixable=True,
    needs_index=True,
    bad=(
        "FROM node:22\nRUN npm install -g typescript\n",
        "FROM node:22\nRUN npm install express@4.19.2 lodash\n",
        "FROM node:22\nRUN npm --global install @angular/cli\n",
        "FROM node:22\nRUN npm install git+https://example.com/a/b.git\n",
        'FROM node:22\nRUN ["npm", "install", "express"]\n',
        "FROM node:22\nONBUILD RUN npm install express\n",
    ),
    good=(
        "FROM node:22\nRUN npm install -g typescript@5.5.4 @angular/cli@18.2.0\n",
        "FROM node:22\nRUN npm install && npm ci\n",
        "FROM node:22\nRUN npm install ./local ../other /opt/a tool.tgz\n",
        "FROM node:22\nRUN npm install git+https://example.com/a/b.git#v1.2\n",
        "FROM node:22\nRUN npm install --registry https://npm.example.com express@4.19.2\n",
        "FROM node:22\nRUN npm run install\n",
    ),
)
