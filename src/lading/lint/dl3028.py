"""DL3028: gem installs packages without a version."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile

from lading.lint import unpinned
from lading.lint.rule import Found, Level, Rule
from lading.lint.shell import Arg, Invocation
from lading.lint.subject import Subject
from lading.lint.unpinned import Ecosystem

_GEM = Ecosystem(
    "gem", ":", re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*(?<!\.gem))", re.ASCII), ("--source", "gemrc")
)
_VERBS = ("install", "i")
# https://guides.rubygems.org/command-reference/#gem-install
_VALUED = frozenset(
    {
        "B", "bindir", "build-root", "bulk-threshold", "config-file", "document", "http-proxy", "i",
        "install-dir", "n", "p", "P", "platform", "s", "source", "target-rbconfig", "trust-policy",
    }
)  # fmt: skip


def check(subject: Subject) -> Iterator[Found]:
    """Yield every gem that is installed in any version at all."""
    for run, command in subject.commands("gem"):
        if command.has_args(*_VERBS) and not command.has_flag("v", "version", "g", "file"):
            loose = [arg for arg in _gems(command) if ":" not in arg.masked]
            yield from unpinned.found(subject, run, loose, _GEM)


def _gems(command: Invocation) -> Iterator[Arg]:
    """Yield the gems; what follows `--` is for the building of native extensions."""
    end = next((arg.span.start for arg in command.args if arg.masked == "--"), command.span.end)
    return takewhile(lambda arg: arg.span.start < end, unpinned.packages(command, _VERBS, _VALUED))


RULE = Rule(
    code="DL3028",
    title="Gems should be installed in a certain version.",
    level=Level.WARNING,
    why=(
        "`gem install name` takes the newest release that the interpreter can run. Tomorrow that is another one, "
        "with other dependencies, and the image that worked cannot be built again. `name:version` names the one "
        "that was tested; a Gemfile.lock with `bundle install` holds the dependencies too."
    ),
    check=check,
    fixable=True,
    needs_index=True,
    bad=(
        "FROM ruby:3.3\nRUN gem install bundler\n",
        "FROM ruby:3.3\nRUN gem install --no-document rake:13.2.1 rails\n",
        "FROM ruby:3.3\nRUN gem i puma\n",
        "FROM ruby:3.3\nRUN gem install nokogiri -- --use-system-libraries\n",
        'FROM ruby:3.3\nRUN ["gem", "install", "rails"]\n',
        "FROM ruby:3.3\nONBUILD RUN gem install rails\n",
    ),
    good=(
        "FROM ruby:3.3\nRUN gem install bundler:2.5.17\n",
        "FROM ruby:3.3\nRUN gem install bundler -v 2.5.17\n",
        "FROM ruby:3.3\nRUN gem install bundler --version=2.5.17\n",
        "FROM ruby:3.3\nRUN gem install nokogiri:1.16.7 -- --use-system-libraries\n",
        "FROM ruby:3.3\nRUN gem install -g Gemfile\n",
        "FROM ruby:3.3\nRUN gem update --system\n",
    ),
)
