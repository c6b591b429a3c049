"""What a build tells the process that scans for it: each order behind its length, in MessagePack."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator

import msgspec

_LENGTH = struct.Struct("<I")
_READ_BYTES = 2**16


class Piece(msgspec.Struct, frozen=True, array_like=True, tag=1):
    """The next piece of a layer's tar: which layer, in which slot, and how many bytes."""

    layer: int
    slot: int
    size: int


class End(msgspec.Struct, frozen=True, array_like=True, tag=2):
    """A layer was shown to its end (`whole`), or has been given up."""

    layer: int
    whole: bool


class Keep(msgspec.Struct, frozen=True, array_like=True, tag=3):
    """A layer that was shown whole is in the store, and has this diff ID."""

    layer: int
    diff_id: str


class Report(msgspec.Struct, frozen=True, array_like=True, tag=4):
    """Say what is to be said of an image. digest: in the store. name: what it is called in messages."""

    digest: str
    name: str
    scanning: bool


Order = Piece | End | Keep | Report
_ORDERS: msgspec.msgpack.Decoder[Order] = msgspec.msgpack.Decoder(Order)


def packed(order: Order) -> bytes:
    """Return an order as it goes through the pipe."""
    data = msgspec.msgpack.encode(order)
    return _LENGTH.pack(len(data)) + data


def orders(pipe: int) -> Iterator[Order]:
    """Yield what comes out of a pipe, until its other end is closed."""
    held = b""
    while more := os.read(pipe, _READ_BYTES):
        held += more
        while len(held) >= _LENGTH.size:
            end = _LENGTH.size + _LENGTH.unpack_from(held)[0]
            if len(held) < end:
                break
            yield _ORDERS.decode(held[_LENGTH.size : end])
            held = held[end:]
