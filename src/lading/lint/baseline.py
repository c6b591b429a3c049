"""A file of findings that are known, so that only new ones are reported.

JSON: `{"version": 1, "findings": [{"file", "code", "mark", "message"}, ...]}`. A finding is known by its file,
relative to the baseline's folder, and its mark (`fingerprint`), not by its line, which moves. The
message is for people who read the file.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from lading.dockerfile.source import Source
from lading.errors import DeniedError, LimitError, MalformedError, UnavailableError
from lading.lint.finding import Finding
from lading.lint.fingerprint import marks

_VERSION = 1
_MAX_BYTES = 64 * 2**20
_STANDARD_INPUT = "-"


class _Known(msgspec.Struct, frozen=True):
    file: str
    code: str
    mark: str
    message: str = ""


class _Document(msgspec.Struct):
    version: int
    findings: tuple[_Known, ...]


class Baseline(msgspec.Struct, frozen=True):
    """What is known. folder: absolute, what names of files are relative to. known: (file, mark)."""

    folder: Path
    known: frozenset[tuple[str, str]]

    def new(self, findings: tuple[Finding, ...], source: Source) -> tuple[Finding, ...]:
        """Return those findings of a file that are not known."""
        marked = zip(findings, marks(findings, source), strict=True)
        return tuple(one for one, mark in marked if (_name(one.file, self.folder), mark) not in self.known)


def read(path: Path) -> Baseline:
    """Return the baseline in a file.

    Raises `UnavailableError` where there is none, `DeniedError`, `LimitError`, and `MalformedError` for one that is
    not as `write` makes it.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(_MAX_BYTES + 1)
    except PermissionError as error:
        raise DeniedError("no permission to read it", str(path)) from error
    except OSError as error:
        hint = "make it with --write-baseline"
        raise UnavailableError(f"cannot be read: {error.strerror}", str(path), hint) from error
    if len(data) > _MAX_BYTES:
        raise LimitError(f"larger than {_MAX_BYTES} bytes", str(path))
    try:
        document = msgspec.json.decode(data, type=_Document)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise MalformedError(f"not a baseline: {error}", str(path)) from error
    if document.version != _VERSION:
        raise MalformedError(f"a baseline of version {document.version}, not {_VERSION}", str(path))
    return Baseline(path.absolute().parent, frozenset((one.file, one.mark) for one in document.findings))


def made(files: Iterable[tuple[tuple[Finding, ...], Source]], path: Path) -> bytes:
    """Return the document that takes all these findings as known. path: of the baseline."""
    folder = path.absolute().parent
    known = [
        _Known(_name(one.file, folder), one.code, mark, _text(one.message))
        for findings, source in files
        for one, mark in zip(findings, marks(findings, source), strict=True)
    ]
    return msgspec.json.format(msgspec.json.encode(_Document(_VERSION, tuple(known))), indent=2) + b"\n"


def _name(path: str, folder: Path) -> str:
    if path == _STANDARD_INPUT:
        return path
    return _text(Path(os.path.relpath(path, folder)).as_posix())


def _text(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()
