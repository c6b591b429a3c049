"""What a report format is: a record with a name and a function from a report to bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from lading.model.report import Report

# Where a document must carry a time and nobody gave one: the same input must give the same bytes.
NO_TIME = "1970-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Options:
    """How a report is to look. A format passes over what it has no use for.

    width: columns that a line may take (table); at least 40 are taken.
    color: whether ANSI colours may be used (table).
    group: findings under their package, or under the layer that brought the package (table).
    show_suppressed: list findings that were set aside, too, and not only their number (table, markdown).
    files: list the files of packages (json, spdx); they are many.
    created: RFC 3339, for formats that must carry a time: creation of the image, or
        SOURCE_DATE_EPOCH. Empty: the creation time that the image states, else 1970.
    """

    width: int = 100
    color: bool = False
    group: Literal["package", "layer"] = "package"
    show_suppressed: bool = False
    files: bool = False
    created: str = ""


@dataclass(frozen=True, slots=True)
class Format:
    """A way to write a report.

    name: as `--format` takes it. summary: one line for the help.
    render: gives the document in UTF-8, or in ASCII; the same report and options give the same bytes.
        Control characters, bidirectional overrides and markup in the report's texts come out escaped.
    suffix: that files of the format have, with its dot. media_type: for a `Content-Type`.
    """

    name: str
    summary: str
    render: Callable[[Report, Options], bytes]
    suffix: str
    media_type: str


def created(report: Report, options: Options) -> str:
    """Return the time that a document made of `report` carries: `YYYY-MM-DDTHH:MM:SSZ`."""
    for text in (options.created, report.image.created):
        whole = text[:19] + "Z"
        if _is_time(whole):
            return whole
    return NO_TIME


def _is_time(text: str) -> bool:
    digits = text.translate(str.maketrans("123456789", "000000000"))
    return digits == "0000-00-00T00:00:00Z" and "01" <= text[5:7] <= "12" and "01" <= text[8:10] <= "31"
