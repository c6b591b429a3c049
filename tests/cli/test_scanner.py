"""The process beside a build, from both sides: `scanner`, and `scan_served` within it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lading.cli.scan_orders import Report
from lading.cli.scan_served import Served
from lading.cli.scanner import Scanner
from lading.cli.slots import SLOT_BYTES, Slots
from lading.errors import MalformedError, StoppedError, UnavailableError

CHUNKS = [b"abc", b"d" * 100_000, bytes(range(256)) * (SLOT_BYTES // 100)]
WHOLE = b"".join(CHUNKS)


class Written:
    """An onlooker that writes what it has seen to a file of the diff ID's name. `fail` ends it, with a fault."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._data = b""

    def observe(self, chunks: Iterator[bytes]) -> None:
        for chunk in chunks:
            self._data += chunk
            if chunk.startswith(b"malformed"):
                raise MalformedError("a fault of the layer")
            if chunk.startswith(b"broken"):
                raise ZeroDivisionError
            if chunk.startswith(b"enough"):
                return

    def keep(self, diff_id: str) -> None:
        (self._folder / diff_id).write_bytes(self._data)


@pytest.fixture
def scanner(tmp_path: Path) -> Iterator[Scanner]:
    """Return one whose reports give the number of files there are, and are written to `reported`."""

    def report(order: Report) -> int:
        if order.name == "long":
            signal.pause()
        found = sum(1 for path in tmp_path.iterdir())
        (tmp_path / "reported").write_text(f"{order.digest} {order.name} {order.scanning}")
        return found

    def serve(slots: Slots, incoming: int, answers: int) -> None:
        Served(slots, lambda: Written(tmp_path), report).run(incoming, answers)

    with Scanner(serve) as made:
        yield made


def test_a_layer_is_seen_and_kept(scanner: Scanner, tmp_path: Path) -> None:
    layer = scanner.onlooker()
    layer.observe(iter(CHUNKS))
    layer.keep("one")
    assert scanner.report("sha256:1", "name", scanning=True) == 1
    assert (tmp_path / "one").read_bytes() == WHOLE
    assert (tmp_path / "reported").read_text() == "sha256:1 name True"
    assert scanner.report("sha256:2", "", scanning=False) == 2


def test_layers_at_the_same_time(scanner: Scanner, tmp_path: Path) -> None:
    def show(number: int) -> None:
        layer = scanner.onlooker()
        layer.observe(bytes([number]) * 300_000 for _ in range(20))
        layer.keep(str(number))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(show, range(8)))
    assert scanner.report("", "", scanning=True) == 8
    for number in range(8):
        assert (tmp_path / str(number)).read_bytes() == bytes([number]) * 6_000_000


@pytest.mark.parametrize("fault", [b"malformed", b"broken"])
def test_a_layer_that_cannot_be_read_does_not_hold_up_the_build(
    scanner: Scanner, tmp_path: Path, fault: bytes
) -> None:
    bad, good = scanner.onlooker(), scanner.onlooker()
    bad.observe(iter([fault, *CHUNKS * 20]))
    bad.keep("bad")
    good.observe(iter(CHUNKS))
    good.keep("good")
    assert scanner.report("", "", scanning=True) == 1
    assert not (tmp_path / "bad").exists()


def test_a_layer_that_is_not_read_to_its_end(scanner: Scanner, tmp_path: Path) -> None:
    layer = scanner.onlooker()
    layer.observe(iter([b"enough", *CHUNKS * 20]))
    layer.keep("one")
    assert scanner.report("", "", scanning=True) == 1
    assert (tmp_path / "one").read_bytes() == b"enough"


def test_a_layer_that_is_given_up(scanner: Scanner, tmp_path: Path) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"x"
        raise StoppedError("stopped")

    layer = scanner.onlooker()
    with pytest.raises(StoppedError):
        layer.observe(chunks())
    assert scanner.report("", "", scanning=True) == 0
    assert (tmp_path / "reported").exists()


def test_the_process_is_ended_from_outside() -> None:
    def serve(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    with Scanner(serve) as scanner:
        layer = scanner.onlooker()
        layer.observe(iter(CHUNKS * 100))
        layer.keep("one")
        with pytest.raises(UnavailableError, match="ended from outside"):
            scanner.report("", "", scanning=True)


def test_a_build_that_fails_lets_it_finish(tmp_path: Path) -> None:
    def serve(slots: Slots, incoming: int, answers: int) -> None:
        Served(slots, lambda: Written(tmp_path), lambda _: 0).run(incoming, answers)

    def build() -> None:
        with Scanner(serve) as scanner:
            kept, unkept = scanner.onlooker(), scanner.onlooker()
            kept.observe(iter(CHUNKS))
            kept.keep("kept")
            unkept.observe(iter(CHUNKS))
            scanner.show(7, b"the beginning of one")
            raise UnavailableError("of the build")

    with pytest.raises(UnavailableError, match="of the build"):
        build()
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


@pytest.mark.timeout(60)
def test_an_interrupt_ends_it_whatever_it_does() -> None:
    def serve(*_: object) -> None:
        signal.pause()

    with pytest.raises(KeyboardInterrupt), Scanner(serve):
        raise KeyboardInterrupt


@pytest.mark.timeout(60)
def test_a_report_that_nobody_waits_for_is_given_up(scanner: Scanner) -> None:
    scanner.send(Report("", "long", scanning=True))
