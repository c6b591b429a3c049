"""JSON: the report document itself, and back.

`docs/report.schema.json` describes it; `report.schema` makes that file. Keys come in the order of
the records. What a later minor version adds is passed over when read.
"""

from __future__ import annotations

from typing import Any

import msgspec

from lading.errors import LimitError, MalformedError
from lading.model.package import Package
from lading.model.report import SCHEMA_VERSION, Report
from lading.report import document
from lading.report.format import Format, Options

# Of a package: never left out, even if empty; and what has no meaning outside the program.
ALWAYS = ("type", "name", "version", "purl", "layer")
INTERNAL = ("fact", "key", "foreign")
MAX_BYTES = 512 * 2**20


def render(report: Report, options: Options) -> bytes:
    """Return the document: UTF-8, indented, with a line end. `options.files` adds the packages' files."""
    return document.write(_document(report, files=options.files))


def _document(report: Report, *, files: bool) -> dict[str, Any]:
    value: dict[str, Any] = msgspec.to_builtins(report)
    value["packages"] = [_package(one, files=files) for one in report.packages]
    value["removed"] = [
        {"package": _package(one.package, files=files), "removed_in": one.removed_in}
        for one in report.removed
    ]
    for skipped in value["skipped"]:
        del skipped["fact"]
    return value


def _package(package: Package, *, files: bool) -> dict[str, Any]:
    hidden = INTERNAL if files else (*INTERNAL, "files")
    always = {name: getattr(package, name) for name in ALWAYS}
    held = msgspec.to_builtins(package)
    return always | {name: value for name, value in held.items() if name not in hidden}


def read(data: bytes) -> Report:
    """Return the report that `render` wrote; files of packages only if they were written.

    data: UTF-8. Raises `MalformedError` for anything that is not such a document, and for one of
    another major version; `LimitError` for over 512 MiB.
    """
    if len(data) > MAX_BYTES:
        raise LimitError(f"a report of over {MAX_BYTES} bytes")
    try:
        version = msgspec.json.decode(data, type=_Version).schema_version
        if version.split(".")[0] != SCHEMA_VERSION.split(".")[0]:
            raise MalformedError(
                f"a report of schema version {version[:20]!r}, and this program reads {SCHEMA_VERSION}",
                hint="use the version of Lading that wrote it, or scan again",
            )
        return msgspec.json.decode(data, type=Report)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise MalformedError(
            f"not a report: {error}", hint="`lading scan --format json` writes one"
        ) from error


class _Version(msgspec.Struct):
    schema_version: str


FORMAT = Format(
    name="json",
    summary="the whole report; docs/report.schema.json describes it",
    render=render,
    suffix=".json",
    media_type="application/json",
)
