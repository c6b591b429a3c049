from __future__ import annotations

import argparse
import json
import os
import stat
import threading
from pathlib import Path

import pytest

import program
from lading.cli import output
from lading.errors import UnavailableError, UsageError
from lading.model.report import ImageInfo, Report, Tool
from lading.report import FORMATS

REPORT = Report(tool=Tool(name="lading", version="0"), target="t", image=ImageInfo())


def parsed(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    output.add(parser, default="table")
    parser.add_argument("--no-color", action="store_true")
    return parser.parse_args(arguments)


def sinks(*arguments: str) -> list[tuple[str, str | None]]:
    return [(one.format, str(one.path) if one.path else None) for one in output.sinks(parsed(*arguments))]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], [("table", None)]),
        (["-f", "json"], [("json", None)]),
        (["-f", "json=a"], [("json", "a")]),
        (["-f", "json="], [("json", None)]),
        (["-f", "json=a=b"], [("json", "a=b")]),
        (["-f", "json", "-o", "x"], [("json", "x")]),
        (["-o", "x"], [("table", "x")]),
        (["-f", "table", "-f", "sarif=s", "-f", "html=h"], [("table", None), ("sarif", "s"), ("html", "h")]),
        (["-f", "json=a", "-f", "json=b"], [("json", "a"), ("json", "b")]),
    ],
)
def test_sinks(arguments: list[str], expected: list[tuple[str, str | None]]) -> None:
    assert sinks(*arguments) == expected


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-f", "pdf"], "no such format: 'pdf'"),
        (["-f", ""], "no such format: ''"),
        (["-f", "json", "-f", "table"], "two formats would go to one place"),
        (["-f", "json=a", "-f", "sarif=a"], "two formats would go to one place"),
        (["-f", "json=a", "-f", "sarif", "-o", "a"], "two formats would go to one place"),
    ],
)
def test_sinks_that_cannot_be(arguments: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        sinks(*arguments)


def write(*arguments: str) -> None:
    args = parsed(*arguments)
    output.write(REPORT, output.sinks(args), args)


def test_every_format_at_once_to_files(lading: program.Lading) -> None:
    formats = [word for name in FORMATS for word in ("-f", f"{name}=out.{name}")]
    done = lading("scan", "oci:image", *formats)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    written = {path.name: path.read_bytes() for path in lading.folder.glob("out.*")}
    assert sorted(written) == sorted(f"out.{name}" for name in FORMATS)
    assert [name for name, data in written.items() if b"django" not in data] == []
    text = [data for name, data in written.items() if name != "out.html"]
    assert [program.CONTROLS.findall(data) for data in text] == [[]] * len(text)


def test_a_file_is_replaced_and_nothing_stays_beside(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    target.write_text("old")
    write("-f", f"json={target}")
    assert json.loads(target.read_text())["target"] == "t"
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    write("-f", f"json={tmp_path / 'link'}")
    assert (tmp_path / "link").is_symlink()
    assert json.loads((tmp_path / "real").read_text())["target"] == "t"


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    thread = threading.Thread(target=write, args=("-f", f"json={tmp_path / 'pipe'}"))
    thread.start()
    assert json.loads((tmp_path / "pipe").read_bytes())["target"] == "t"
    thread.join(10)
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_files_are_made_as_the_umask_says(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write("-f", f"json={tmp_path / 'report'}")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "report").stat().st_mode) == 0o640


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        pytest.param("missing/report", "No such file or directory", id="no-such-folder"),
        pytest.param(".", "Is a directory", id="a-folder"),
        pytest.param("file/report", "Not a directory", id="a-file-on-the-way"),
        pytest.param("x" * 300, "File name too long", id="too-long"),
    ],
)
def test_what_cannot_be_written(name: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UnavailableError, match=f"cannot be written: ({reason})"):
        write("-f", f"json={tmp_path / name}")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]


def test_a_full_disk() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    with pytest.raises(UnavailableError, match="/dev/full: no room to write it: No space left on device"):
        write("-f", "json=/dev/full")


def test_the_other_reports_are_written_in_the_order_given(lading: program.Lading) -> None:
    done = lading("scan", "oci:image", "-f", "json=first.json", "-f", "html=missing/x", "-f", "table")
    assert done.returncode == 3
    assert b"missing/x: cannot be written" in done.stderr
    assert (lading.folder / "first.json").exists()
    assert done.stdout == b""


def test_the_table_fits_the_terminal(lading: program.Lading) -> None:
    wide, narrow = (
        lading.on_terminal("scan", "oci:image", environ={"COLUMNS": width})[1] for width in ("150", "60")
    )
    assert "\x1b[" in wide
    assert max(map(len, _plain(narrow).splitlines())) <= 60
    assert "CVE-2024-1002" in _plain(narrow)


def _plain(text: str) -> str:
    import re

    return re.sub(r"\x1b\[[0-9;]*[A-Za-z]|\r", "", text)
