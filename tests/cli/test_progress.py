from __future__ import annotations

import dataclasses
import io
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr

import pytest

import imaging
from lading.cli import progress
from lading.cli.progress import Bar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _capable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)


@contextmanager
def terminal() -> Iterator[Terminal]:
    with redirect_stderr(Terminal()) as shown:
        yield shown


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_PATIENCE_S", 0.0)


@pytest.mark.usefixtures("impatient")
def test_what_is_drawn() -> None:
    with terminal() as shown, Bar(quiet=False, color=True) as bar:
        bar.tell("layer one", 50, 100)
        bar.tell("layer two", 0, None)
        bar.tell("layer one", 100, 100)
    text = shown.getvalue()
    assert [part for part in ("layer one", "layer two", "100 %", "\x1b[") if part not in text] == []


def test_nothing_in_the_first_second() -> None:
    with terminal() as shown, Bar(quiet=False, color=True) as bar:
        bar.tell("quick", 1, 1)
    assert shown.getvalue() == ""


@pytest.mark.usefixtures("impatient")
def test_nothing_when_quiet() -> None:
    with terminal() as shown, Bar(quiet=True, color=True) as bar:
        bar.tell("layer", 1, 2)
    assert shown.getvalue() == ""


@pytest.mark.usefixtures("impatient")
def test_nothing_off_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with Bar(quiet=False, color=True) as bar:
        bar.tell("layer", 1, 2)
        assert bar.watched(image := imaging.image({"x": b"y"})) is image
    assert capsys.readouterr() == ("", "")


@pytest.mark.usefixtures("impatient")
def test_layers_tell_how_much_was_read() -> None:
    told: list[tuple[str, int, int | None]] = []
    image = imaging.image({"x": bytes(5000)})
    with terminal() as shown, Bar(quiet=False, color=False) as bar:
        bar.tell = lambda *one: told.append(one)  # type: ignore[method-assign]  # what would be drawn
        (layer,) = bar.watched(image).layers
        stream = layer.open()
        assert stream.read(1000) == image.layers[0].open().read(1000)
        rest = stream.read(1_000_000)
        assert stream.read(1) == b""
        stream.close()
    size = image.layers[0].size
    assert (len(rest), size) == (size - 1000, size)
    name = f"layer {layer.digest[7:19]}"
    assert told == [(name, 1000, size), (name, size, size), (name, size, size)]
    assert dataclasses.replace(layer, open=image.layers[0].open) == image.layers[0]
    assert shown.getvalue() == ""


@pytest.mark.usefixtures("impatient")
def test_several_threads_draw_one_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    real = Bar._start

    def slow(self: Bar) -> object:
        time.sleep(0.05)
        made.append(bar := real(self))
        return bar

    monkeypatch.setattr(Bar, "_start", slow)
    with terminal() as shown, Bar(quiet=False, color=True) as bar:
        threads = [threading.Thread(target=bar.tell, args=(f"layer {n}", 1, 2)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
    assert len(made) == 1
    assert "layer 3" in shown.getvalue()


@pytest.mark.usefixtures("impatient")
def test_an_error_ends_the_bar() -> None:
    def interrupted() -> None:
        with Bar(quiet=False, color=True) as bar:
            bar.tell("layer", 1, 2)
            raise KeyboardInterrupt

    with terminal() as shown, pytest.raises(KeyboardInterrupt):
        interrupted()
    assert "\x1b[?25h" in shown.getvalue()  # the cursor is there again
