"""What Lading and its cell say to each other, through two pipes.

Through the control pipe go the length of the request, the request, and then a byte for each signal that is
passed on; 0 asks the command to end. When the pipe closes, Lading is gone. Through the report pipe goes one report.
"""

from __future__ import annotations

import os
import struct

import msgspec

from lading import errors
from lading.build.run_spec import Isolation, Outcome, Overlay, RunSpec
from lading.errors import LadingError, UnavailableError, UsageError

STOP = 0
_LENGTH = struct.Struct(">Q")


class Run(msgspec.Struct, frozen=True, tag=True):
    """Run a command."""

    spec: RunSpec
    isolation: Isolation


class Probe(msgspec.Struct, frozen=True, tag=True):
    """Find out what can be done. directory: empty, where layers would lie. fuse: the path of fuse-overlayfs."""

    directory: str
    fuse: str


Request = Run | Probe


class Found(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What a probe found; as in `Isolation`."""

    namespaces: bool = False
    new_proc: bool = False
    new_network: bool = False
    overlay: Overlay = "none"


class Failure(msgspec.Struct, frozen=True, tag=True):
    """An error, by the name of its class."""

    kind: str
    message: str
    where: str
    hint: str


class Ended(msgspec.Struct, frozen=True, tag=True):
    """How a command ended."""

    outcome: Outcome


Report = Found | Failure | Ended


def send_request(control: int, request: Request) -> None:
    """Write a request. Raises `UsageError` for text that is no UTF-8."""
    try:
        data = msgspec.json.encode(request)
    except UnicodeEncodeError as error:
        raise UsageError(
            "a word, a variable or a path of the command is no UTF-8", error.object[:80]
        ) from error
    write_all(control, _LENGTH.pack(len(data)) + data)


def receive_request(control: int) -> Request | None:
    """Read a request; None if who would have written it is gone."""
    head = _read_exactly(control, _LENGTH.size)
    data = _read_exactly(control, _LENGTH.unpack(head)[0]) if head else b""
    return msgspec.json.decode(data, type=Request) if data else None


def send_report(report: int, value: Report) -> None:
    """Write a report."""
    write_all(report, msgspec.json.encode(value))


def failure(error: LadingError | OSError) -> Failure:
    """Return an error as a report."""
    if isinstance(error, LadingError):
        return Failure(type(error).__name__, error.message, error.where, error.hint)
    where = str(error.filename or "")
    return Failure(UnavailableError.__name__, error.strerror or str(error), where, "")


def raised(found: Failure) -> LadingError:
    """Return the error that a report is about."""
    kind: type[LadingError] = getattr(errors, found.kind)
    return kind(found.message, found.where, found.hint)


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of it."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _read_exactly(descriptor: int, count: int) -> bytes:
    data = bytearray()
    while len(data) < count:
        piece = os.read(descriptor, min(count - len(data), 1 << 20))
        if not piece:
            return b""
        data += piece
    return bytes(data)
