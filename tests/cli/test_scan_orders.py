from __future__ import annotations

import os
import threading

import pytest

from lading.cli.scan_orders import End, Keep, Order, Piece, Report, orders, packed

ALL: list[Order] = [
    Piece(3, 2, 2**21),
    End(3, whole=True),
    Keep(3, "sha256:" + "0" * 64),
    Report("sha256:" + "1" * 64, "näme\n" * 30_000, scanning=True),
    End(2**40, whole=False),
]


@pytest.mark.parametrize("piece", [1, 7, 4096, 10**6])
def test_what_goes_in_comes_out(piece: int) -> None:
    incoming, outgoing = os.pipe()
    data = b"".join(map(packed, ALL))
    data = data if piece > 1 else b"".join(packed(one) for one in ALL if not isinstance(one, Report))

    def send() -> None:
        for at in range(0, len(data), piece):
            os.write(outgoing, data[at : at + piece])
        os.close(outgoing)

    thread = threading.Thread(target=send)
    thread.start()
    assert list(orders(incoming)) == [one for one in ALL if piece > 1 or not isinstance(one, Report)]
    thread.join()
    os.close(incoming)


def test_what_is_cut_off_is_no_order() -> None:
    incoming, outgoing = os.pipe()
    os.write(outgoing, packed(ALL[0]) + packed(ALL[2])[:-1])
    os.close(outgoing)
    assert list(orders(incoming)) == ALL[:1]
    os.close(incoming)
