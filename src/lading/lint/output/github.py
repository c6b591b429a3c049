"""Commands that GitHub Actions turns into annotations beside the lines of a change.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#setting-an-error-message
"""

from __future__ import annotations

from lading.lint.finding import Finding
from lading.lint.output.format import Format, Linted, Look
from lading.lint.rule import Level
from lading.report.text import clean, utf8

_COMMANDS = {Level.ERROR: "error", Level.WARNING: "warning"}


def render(files: tuple[Linted, ...], _look: Look) -> bytes:
    """Return a command for each finding, one a line."""
    return utf8("".join(_command(one) + "\n" for file in files for one in file.findings))


def _command(one: Finding) -> str:
    properties = {"file": one.file, "line": str(one.line)}
    if one.start.line == one.end_line == one.line:
        # Columns are taken for places within one line only; the end is that of the last character.
        properties["col"] = str(one.column)
        properties["endColumn"] = str(max(one.end_column - 1, one.column))
    else:
        properties["endLine"] = str(max(one.end_line, one.line))
    properties["title"] = one.code
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_COMMANDS.get(one.level, 'notice')} {listed}::{_data(one.message)}"


def _data(text: str) -> str:
    return clean(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


FORMAT = Format("github", "annotations of GitHub Actions", render)
