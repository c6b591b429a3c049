"""What goes through the pipes between Lading and its cell."""

from __future__ import annotations

import os
import threading

import pytest

from lading.build import cell_wire
from lading.build.run_spec import File, Isolation, RunSpec, Tmpfs
from lading.errors import DeniedError, LadingError, LimitError, MalformedError, UnavailableError, UsageError

SPEC = RunSpec(
    argv=("/bin/true",), work="/w", mounts=(File(target="/s", content=bytes(range(256))), Tmpfs(target="/t"))
)


def test_request_arrives_whole() -> None:
    request = cell_wire.Run(SPEC, Isolation(runtime="crun"))
    large = cell_wire.Run(RunSpec(argv=("x" * 3_000_000,), work="/w"), Isolation(runtime="crun"))
    for sent in (request, large, cell_wire.Probe("/d", "")):
        reading, writing = os.pipe()
        thread = threading.Thread(target=cell_wire.send_request, args=(writing, sent))
        thread.start()
        assert cell_wire.receive_request(reading) == sent
        thread.join()
        os.close(reading)
        os.close(writing)


@pytest.mark.parametrize("data", [b"", b"\0\0", b"\0\0\0\0\0\0\0\x09abc"])
def test_who_would_have_written_is_gone(data: bytes) -> None:
    reading, writing = os.pipe()
    os.write(writing, data)
    os.close(writing)
    assert cell_wire.receive_request(reading) is None
    os.close(reading)


@pytest.mark.parametrize("kind", [UsageError, MalformedError, LimitError, UnavailableError, DeniedError])
def test_errors_cross(kind: type[LadingError]) -> None:
    error = cell_wire.raised(cell_wire.failure(kind("message", "where", "hint")))
    assert type(error) is kind
    assert (error.message, error.where, error.hint) == ("message", "where", "hint")


def test_errors_of_the_system_cross() -> None:
    error = cell_wire.raised(cell_wire.failure(FileNotFoundError(2, "No such file", "/x")))
    assert (type(error), str(error)) == (UnavailableError, "/x: No such file")


def test_text_that_is_no_utf8() -> None:
    with pytest.raises(UsageError, match="no UTF-8"):
        cell_wire.send_request(
            -1, cell_wire.Run(RunSpec(argv=("\udcff",), work=""), Isolation(runtime="crun"))
        )
