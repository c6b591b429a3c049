"""Starting a cell: a Python of its own, with two pipes to it."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from contextlib import suppress
from types import TracebackType
from typing import IO, Self

import msgspec

from lading.build import sockets
from lading.build.cell_wire import STOP, Failure, Report, Request, raised, send_request
from lading.errors import UnavailableError

_START = "import sys; sys.path[:0] = sys.argv[4:]; from lading.build.cell import main; main()"


class CellProcess:
    """A cell that serves one request; a context manager, which ends the cell with all that runs in it.

    output: a file for what the command and the runtime write, or `subprocess.PIPE`; None for our own.
    stdin: likewise. terminal: whether the command gets a terminal of its own.
    It is apart from our terminal, so that what is typed there reaches us alone.
    """

    def __init__(
        self, request: Request, *, output: int | None = None, stdin: int | None = None, terminal: bool = False
    ) -> None:
        self._request = request
        self._terminal = terminal
        self._output = output
        self._stdin = stdin

    def __enter__(self) -> Self:
        control_read, self._control = os.pipe()
        self._report, report_write = os.pipe()
        self._line, line_end = sockets.line() if self._terminal else (-1, -1)
        given = [number for number in (control_read, report_write, line_end) if number >= 0]
        words = [*map(str, (control_read, report_write, line_end)), *sys.path]
        try:
            self._process = subprocess.Popen(  # noqa: S603 - ourselves
                [sys.executable, "-I", "-S", "-c", _START, *words],
                stdin=self._stdin,
                stdout=self._output,
                stderr=subprocess.STDOUT if self._output is not None else None,
                pass_fds=given,
                start_new_session=True,
            )
        except OSError as error:
            self._close()
            raise UnavailableError(f"no process can be started: {error.strerror}") from error
        finally:
            for number in given:
                os.close(number)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()
        self._process.wait()
        for stream in (self._process.stdout, self._process.stdin):
            if stream is not None:
                with suppress(BrokenPipeError):
                    stream.close()

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def begin(self) -> None:
        """Give it the request, which it waits for. Raises `UsageError` for text that is no UTF-8."""
        with suppress(BrokenPipeError):  # its report, or the lack of one, says more
            send_request(self._control, self._request)

    @property
    def stdout(self) -> IO[bytes]:
        """What it writes, where that was asked for."""
        assert self._process.stdout is not None
        return self._process.stdout

    @property
    def reporting(self) -> int:
        """A descriptor that can be read from when there is a report, or none will come."""
        return self._report

    def terminal(self) -> int | None:
        """Wait for the outer side of the command's terminal; None where the command has not been started."""
        return sockets.receive(self._line)

    def ends_within(self, seconds: float) -> bool:
        """Wait for the command's end, but not for longer; return whether it has come."""
        poll = select.poll()
        poll.register(self._report, select.POLLIN)
        return bool(poll.poll(seconds * 1000))

    def signal(self, number: int) -> None:
        """Pass a signal on to the command; from any thread."""
        with suppress(OSError):  # it has ended
            os.write(self._control, bytes([number]))

    def stop(self) -> None:
        """Ask the command to end; the second time, end it at once."""
        self.signal(STOP)

    def report(self) -> Report:
        """Wait for what it reports. Raises the error that it reports, and `UnavailableError` where it was killed."""
        data = bytearray()
        while piece := os.read(self._report, 65536):
            data += piece
        if not data:
            raise UnavailableError(
                "the process that ran the command was killed",
                hint="by somebody, or by the system for want of memory",
            )
        found: Report = msgspec.json.decode(data, type=Report)
        if isinstance(found, Failure):
            raise raised(found)
        return found

    def _close(self) -> None:
        for name in ("_control", "_report", "_line"):
            descriptor = getattr(self, name)
            if descriptor >= 0:
                setattr(self, name, -1)
                os.close(descriptor)
