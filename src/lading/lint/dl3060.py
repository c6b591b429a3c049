"""DL3060: what yarn downloads stays in the layer."""

from __future__ import annotations

from collections.abc import Iterator

from lading.lint import cleaning
from lading.lint.rule import Found, Level, Rule
from lading.lint.shell import Invocation
from lading.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Yield RUNs that install with yarn and do not clean after it, where that stays in the image."""
    return cleaning.uncleaned(
        subject, _installs, _cleans, cache=".cache/yarn", remedy="yarn cache clean", only_shipped=True
    )


def _installs(command: Invocation) -> bool:
    return command.name == "yarn" and command.has_args("install")


def _cleans(command: Invocation) -> bool:
    return command.name == "yarn" and command.has_args("cache", "clean")


RULE = Rule(
    code="DL3060",
    title="The cache of yarn is left in the layer.",
    level=Level.INFO,
    why=(
        "What a package manager downloads lies in its cache when it is done. A layer keeps all that is "
        "there at the end of its RUN, and a later RUN that deletes it makes no image smaller. Run `yarn "
        "cache clean` in the same RUN, or mount a cache at the directory that yarn uses."
    ),
    check=check,
    fixable=True,
    bad=(
        "FROM node:22\nRUN yarn install\n",
        "FROM node:22\nRUN yarn cache clean && yarn install --frozen-lockfile\n",
    ),
    good=(
        "FROM node:22\nRUN yarn install && yarn cache clean\n",
        "FROM node:22\nRUN --mount=type=cache,target=/root/.cache/yarn yarn install\n",
        "FROM node:22 AS build\nRUN yarn install\nFROM nginx:1.27\nCOPY --from=build /a /a\n",
        "FROM node:22\nRUN yarn add left-pad@1.3.0\n",
    ),
)
