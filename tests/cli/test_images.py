from __future__ import annotations

import pytest

import imaging
import program
from cli import stocked
from lading.cli.images import matches, parted
from lading.oci.store_entry import Entry


@pytest.fixture
def shelf(lading: program.Lading) -> program.Lading:
    """Return the program with three images in its store."""
    stocked.layout(lading, "one")
    stocked.layout(
        lading, "two", stocked.BASE, imaging.tar({"app": b"1" * 100_000}), created="2024-01-01T00:00:00Z"
    )
    stocked.tag(lading, "oci:one", "app:1", "quay.io/team/app:1")
    stocked.tag(lading, "oci:two", "old")
    return lading


def test_nothing_yet(lading: program.Lading) -> None:
    done = lading("images")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.split() == b"NAME TAG DIGEST CREATED SIZE UNPACKED LAYERS".split()
    assert stocked.images(lading) == []
    assert not (lading.folder / "data" / "images").exists()


def test_a_table(shelf: program.Lading) -> None:
    lines = shelf("images").stdout.decode().splitlines()
    rows = [line.split(maxsplit=3) for line in lines[1:]]
    assert [row[:2] for row in rows] == [["app", "1"], ["quay.io/team/app", "1"], ["old", "latest"]]
    listed = stocked.images(shelf)
    assert [row[2] for row in rows] == [image["digest"][7:19] for image in listed]
    assert rows[0][3].startswith("2 days ago")
    assert rows[2][3].split() == ["12", "months", "ago", "1.2", "kB", "133.1", "kB", "2"]


def test_json(shelf: program.Lading) -> None:
    first = stocked.images(shelf)[0]
    sizes = {key: first.pop(key) for key in ("bytes", "digest", "config_digest")}
    assert first == {
        "name": "docker.io/library/app:1", "platform": "linux/amd64", "created": stocked.CREATED, "layers": 1,
        "tar_bytes": len(stocked.BASE), "problem": "",
    }  # fmt: skip
    assert 0 < sizes["bytes"] < len(stocked.BASE)


def test_digests_only(shelf: program.Lading) -> None:
    digests = list(dict.fromkeys(image["digest"] for image in stocked.images(shelf)))
    assert shelf("images", "-q").stdout.decode().split() == digests
    assert shelf("images", "--quiet", "app").stdout.decode().split() == digests[:1]
    assert digests[1] in shelf("images", "--no-trunc").stdout.decode()


@pytest.mark.parametrize(
    ("pattern", "count"),
    [("app", 1), ("app:1", 1), ("app:2", 0), ("*app", 2), ("*/app:1", 2), ("docker.io/library/*", 2), ("o?d", 1), ("", 3), ("APP", 0)],
)  # fmt: skip
def test_by_name(shelf: program.Lading, pattern: str, count: int) -> None:
    assert len(stocked.images(shelf, pattern)) == count


def test_another_platform(shelf: program.Lading) -> None:
    assert "PLATFORM" not in shelf("images").stdout.decode()
    stocked.layout(shelf, "arm", architecture="riscv64")
    stocked.tag(shelf, "oci:arm", "app:1")
    shown = shelf("images", "app").stdout.decode()
    assert "PLATFORM" in shown
    assert "linux/riscv64" in shown
    assert "linux/amd64" in shown


def test_an_image_without_a_name(shelf: program.Lading) -> None:
    stocked.tag(shelf, "oci:two", "app:1", "quay.io/team/app:1")
    rows = [line.split()[:2] for line in shelf("images").stdout.decode().splitlines()]
    assert ["<none>", "<none>"] in rows
    assert len(stocked.images(shelf, "<none>")) == 1


def test_a_broken_image_is_shown_and_told(shelf: program.Lading) -> None:
    stocked.blob(shelf, stocked.images(shelf, "old")[0]["config_digest"]).unlink()
    done = shelf("images")
    assert done.returncode == 3
    assert "old " in done.stdout.decode()
    assert "app " in done.stdout.decode()
    assert b"no such file" in done.stderr
    assert shelf("images", "-q").stderr == b""


def test_a_table_fits_the_terminal(shelf: program.Lading) -> None:
    stocked.tag(shelf, "oci:one", "registry.example/" + "very/" * 20 + "long:name")
    status, shown = shelf.on_terminal("images", environ={"COLUMNS": "70"})
    assert status == 0
    assert all(len(line) <= 70 for line in shown.splitlines())
    assert "very/" * 20 in shelf("images").stdout.decode()


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("docker.io/library/a:1", ("docker.io/library/a", "1")), ("host:5000/a", ("host:5000/a", "")),
        ("host:5000/a:b", ("host:5000/a", "b")), ("host/a@sha256:00", ("host/a", "")), ("", ("", "")), ("odd", ("odd", "")),
    ],
)  # fmt: skip
def test_parted(name: str, parts: tuple[str, str]) -> None:
    assert parted(name) == parts


def test_a_pattern_takes_the_whole_or_the_short_name() -> None:
    entry = Entry(name="docker.io/library/a:1", digest="sha256:0")
    assert all(
        matches(entry, text) for text in ("a", "a:1", "docker.io/library/a", "docker.io/library/a:1", "a:*")
    )
    assert not any(matches(entry, text) for text in ("a:", "library/a", "docker.io/a", "<none>", "a:1 "))
