"""What is wrong with a Dockerfile, as a value: parsing goes on."""

from __future__ import annotations

from enum import StrEnum

from lading.dockerfile.source import Span
from lading.record import Record


class Gravity(StrEnum):
    """ERROR: no build comes of it. WARNING: one does, but somebody has slipped."""

    ERROR = "error"
    WARNING = "warning"


class Problem(Record):
    """Something wrong. code: names its kind, for programs. message: one line. span: where it is."""

    code: str
    message: str
    span: Span
    gravity: Gravity = Gravity.ERROR
