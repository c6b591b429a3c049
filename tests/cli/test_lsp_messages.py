from __future__ import annotations

import io
import json
import os
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lading.cli import lsp_messages
from lading.cli.lsp_messages import Outgoing, framed, messages

BODIES = [b'{"a":1}', b"{}", "\u00e9\n\r\n".encode(), b"Content-Length: 5\r\n\r\n", b"x" * 70_000, b""]


def read(data: bytes) -> list[bytes | None]:
    return list(messages(io.BytesIO(data)))


@given(st.lists(st.sampled_from(BODIES)))
def test_what_is_written_is_read(bodies: list[bytes]) -> None:
    assert read(b"".join(map(framed, bodies))) == bodies


@pytest.mark.parametrize(
    ("data", "bodies"),
    [
        pytest.param(b"", [], id="nothing"),
        pytest.param(b"Content-Type: x\r\nContent-Length: 2\r\n\r\n{}", [b"{}"], id="two-headers"),
        pytest.param(b"content-length:2\n\n{}", [b"{}"], id="lenient"),
        pytest.param(b"\r\n\r\nContent-Length: 2\r\n\r\n{}", [b"{}"], id="empty-lines-before"),
        pytest.param(b'{"no":"header"}\r\nContent-Length: 2\r\n\r\n{}', [b"{}"], id="what-is-no-message"),
        pytest.param(b'{"no":"header"}Content-Length: 2\r\n\r\n{}', [b"{}"], id="right-behind-what-is-no-message"),
        pytest.param(b"Content-Length: 9\r\n\r\n{}", [], id="ends-too-early"),
        pytest.param(b"Content-Length: 9\r\n", [], id="ends-in-the-headers"),
        pytest.param(b"Content-Length: -2\r\n\r\nContent-Length: 2\r\n\r\n{}", [b"{}"], id="less-than-nothing"),
        pytest.param(b"Content-Length: x\r\n\r\nContent-Length: 2\r\n\r\n{}", [b"{}"], id="no-number"),
        pytest.param(b"Content-Length: " + b"9" * 99 + b"\r\n\r\nContent-Length: 2\r\n\r\n{}", [b"{}"], id="no-number-for-a-machine"),
        pytest.param(b"\x00\xff" * 99_999 + b"\r\nContent-Length: 2\r\n\r\n{}", [b"{}"], id="a-long-line"),
    ],
)  # fmt: skip
def test_input_of_all_kinds(data: bytes, bodies: list[bytes]) -> None:
    assert read(data) == bodies


def test_a_message_that_is_too_large_costs_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lsp_messages, "MAX_BYTES", 10)
    assert read(framed(b"x" * 10) + framed(b"x" * 11) + framed(b"{}")) == [b"x" * 10, None, b"{}"]
    assert read(b"Content-Length: 999999999999999999\r\n\r\nxx") == [None]


@pytest.mark.parametrize("cut", range(len(framed(BODIES[0]))))
def test_cut_anywhere(cut: int) -> None:
    assert read(framed(b"{}") + framed(BODIES[0])[:cut]) == [b"{}"]


def test_messages_of_many_threads_come_whole() -> None:
    stream = io.BytesIO()
    out = Outgoing(stream)
    bodies = [json.dumps([number] * 50).encode() for number in range(200)]
    threads = [threading.Thread(target=lambda one=one: out.write(framed(one))) for one in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(read(stream.getvalue()), key=str) == sorted(bodies, key=str)


def test_who_has_left_is_not_written_to() -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    with os.fdopen(theirs, "wb", buffering=0) as stream:
        out = Outgoing(stream)
        assert not out.is_lost
        out.write(b"x")
        assert out.is_lost
        out.write(b"x")


def test_nothing_is_written_after_the_end() -> None:
    stream = io.BytesIO()
    out = Outgoing(stream)
    out.close()
    out.write(b"x")
    assert stream.getvalue() == b""
