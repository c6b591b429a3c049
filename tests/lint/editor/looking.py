"""Looks at files, as the server takes them."""

from __future__ import annotations

from pathlib import Path

from lading.lint.editor.look import Look, Task, take
from lading.lint.hadolint_config import Config

URI = "file:///app/Dockerfile"


def look(
    text: str,
    *,
    version: int = 1,
    encoding: str = "utf-16",
    config: Config | None = None,
    context: Path | None = None,
) -> Look:
    """Return the look at a text."""
    task = Task("/app/Dockerfile", config or Config(), context)
    return take(URI, version, text, task, encoding)
