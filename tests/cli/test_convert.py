from __future__ import annotations

import json

import pytest

import program
from lading.report import FORMATS


@pytest.fixture
def kept(lading: program.Lading) -> bytes:
    done = lading("scan", "oci:image", "-f", "json=report.json")
    assert done.returncode == 0
    return (lading.folder / "report.json").read_bytes()


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_as_the_scan_itself_gave(lading: program.Lading, kept: bytes, name: str) -> None:
    assert kept
    direct = lading("scan", "oci:image", "-f", name)
    converted = lading("convert", "report.json", "-f", name)
    assert (converted.returncode, converted.stdout, converted.stderr) == (0, direct.stdout, b"")


def test_standard_input_and_several_files(lading: program.Lading, kept: bytes) -> None:
    done = lading("convert", "-", "-f", "json=again.json", "-f", "table", input=kept)
    assert (done.returncode, (lading.folder / "again.json").read_bytes()) == (0, kept)
    assert b"CVE-2024-1002" in done.stdout


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(lambda _: b"", b"report", id="empty"),
        pytest.param(lambda data: data[:-20], b"report", id="truncated"),
        pytest.param(lambda _: b'{"bomFormat": "CycloneDX"}', b"report", id="another-document"),
        pytest.param(lambda data: data.replace(b'"schema_version": "1.', b'"schema_version": "9.'), b"9.", id="from-the-future"),
        pytest.param(lambda data: data.replace(b'"packages": [', b'"packages": 1, "x": ['), b"packages", id="another-shape"),
        pytest.param(lambda _: b"\xff\xfe", b"report", id="no-utf-8"),
        pytest.param(lambda _: b"[" * 100_000, b"report", id="nested"),
    ],
)  # fmt: skip
def test_what_is_no_report(lading: program.Lading, kept: bytes, change: object, message: bytes) -> None:
    assert callable(change)
    (lading.folder / "x.json").write_bytes(change(kept))
    done = lading("convert", "x.json")
    assert (done.returncode, done.stdout) == (3, b"")
    assert message in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_file_that_is_not_there(lading: program.Lading) -> None:
    done = lading("convert", "nothing.json")
    assert done.returncode == 3
    assert done.stderr.startswith(b"lading: nothing.json: ")


def test_what_a_report_says_does_not_steer_the_terminal(lading: program.Lading, kept: bytes) -> None:
    report = json.loads(kept)
    report["target"] = "\x1b[2J"
    report["findings"][0]["summary"] = "a\x07\u202e"
    done = lading("convert", "-", input=json.dumps(report).encode())
    assert done.returncode == 0
    assert program.CONTROLS.findall(done.stdout) == []
