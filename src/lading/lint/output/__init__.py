"""How findings are written: one module per format, each with a `FORMAT`; the list below is the only one."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from lading.errors import UsageError
from lading.lint.output.format import Format

# Name of the format -> module that has its `FORMAT`.
FORMATS = {
    "text": "lading.lint.output.text",
    "json": "lading.lint.output.json",
    "sarif": "lading.lint.output.sarif",
    "checkstyle": "lading.lint.output.checkstyle",
    "codeclimate": "lading.lint.output.codeclimate",
    "gitlab": "lading.lint.output.gitlab",
    "junit": "lading.lint.output.junit",
    "github": "lading.lint.output.github",
}


def load(name: str) -> Format:
    """Return the format of that name, importing its module.

    Raises `UsageError` for a name that is not in `FORMATS`.
    """
    if name not in FORMATS:
        raise UsageError(f"no such format: {name[:80]!r}", hint="one of " + ", ".join(FORMATS))
    return cast("Format", import_module(FORMATS[name]).FORMAT)
