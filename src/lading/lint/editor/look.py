"""A look at an open Dockerfile: what there is to say of one version of it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from lading.dockerfile.parse import parse
from lading.dockerfile.source import Span
from lading.lint import checking
from lading.lint.editor.places import Places
from lading.lint.finding import Finding, Outcome
from lading.lint.hadolint_config import Config
from lading.shellcheck.answer import Ask

MAX_CHARACTERS = 2**20
"""More takes seconds to look at, with every key that is pressed; a Dockerfile that long is there by mistake."""


class Task(msgspec.Struct, frozen=True):
    """How a Dockerfile is looked at, as `checking.check` has it. path: of its file, or a name without one."""

    path: str
    config: Config
    context: Path | None = None
    shellcheck: Ask | None = None


class Look(msgspec.Struct, frozen=True):
    """What came of it. uri, version: as the client has them. places: of the text that was looked at."""

    uri: str
    version: int
    task: Task
    places: Places
    outcome: Outcome


class Client(msgspec.Struct, frozen=True):
    """What an editor can do.

    encoding: of positions. markdown: it shows Markdown. resolves: it asks for the edit of an action when the action
    is chosen. versions: it takes edits that name the version they are for.
    """

    encoding: str = "utf-16"
    markdown: bool = True
    resolves: bool = True
    versions: bool = True


def take(uri: str, version: int, text: str, task: Task, encoding: str) -> Look:
    """Look at a document. encoding: of positions.

    One of more than `MAX_CHARACTERS` is not looked at; the outcome has a note that says so, and nothing else.
    """
    places = Places(text, encoding)
    if len(text) > MAX_CHARACTERS:
        note = f"longer than {MAX_CHARACTERS} characters: not looked at here, but by `lading lint`"
        return Look(uri, version, task, places, Outcome((), parse(b""), notes=(note,)))
    outcome = checking.check(
        text.encode(), task.path, config=task.config, context=task.context, shellcheck=task.shellcheck
    )
    return Look(uri, version, task, places, outcome)


def touches(finding: Finding, span: Span) -> bool:
    """Whether the place of a finding has something in common with a span, if only an edge."""
    return finding.span.start <= span.end and span.start <= finding.span.end
