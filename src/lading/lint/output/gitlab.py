"""GitLab's code quality report: Code Climate's issues as one JSON list.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

from lading.lint.output.codeclimate import issues
from lading.lint.output.format import Format, Linted, Look
from lading.report import document


def render(files: tuple[Linted, ...], _look: Look) -> bytes:
    """Return the list."""
    return document.write(list(issues(files)))


FORMAT = Format("gitlab", "GitLab's code quality report", render)
