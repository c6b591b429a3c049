from __future__ import annotations

import os
import re
import shlex
import time
from pathlib import Path

import pytest

import imaging
import program
from lading.advisories import sync
from lading.cli import stages
from lading.settings import Settings
from loopback import Exchange


def settings(tmp_path: Path, **more: object) -> Settings:
    return Settings(cache_dir=tmp_path / "cache", data_dir=tmp_path / "data", **more)  # type: ignore[arg-type]  # the test's business


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({}, sync.DEFAULT_SOURCE, id="public"),
        pytest.param({"osv_url": "file:///m"}, sync.Source("file:///m"), id="a-mirror-alone"),
        pytest.param(
            {"osv_url": "file:///m", "kev_url": "file:///k", "epss_url": "file:///e"},
            sync.Source("file:///m", "file:///k", "file:///e"),
            id="a-mirror-of-all",
        ),
        pytest.param(
            {"kev_url": "file:///k"},
            sync.Source(sync.DEFAULT_SOURCE.osv_url, "file:///k", sync.DEFAULT_SOURCE.epss_url),
            id="one-of-ours",
        ),
    ],
)
def test_where_advisories_come_from(given: dict[str, str], expected: sync.Source, tmp_path: Path) -> None:
    assert stages.source(settings(tmp_path, **given)) == expected


def test_how_to_get_is_a_command_that_a_shell_takes() -> None:
    text = stages.how_to_get(["Red Hat", "PyPI"])
    command = text.partition("`")[2].partition("`")[0]
    assert shlex.split(command) == ["lading", "db", "update", "--ecosystem", "Red Hat", "--ecosystem", "PyPI"]


def test_the_cache_is_where_the_settings_say(lading: program.Lading) -> None:
    assert lading("sbom", "oci:image", "--no-cache").returncode == 0
    assert not (lading.folder / "cache").exists()
    assert lading("sbom", "oci:image").returncode == 0
    assert [path.name for path in (lading.folder / "cache").iterdir()] == ["layers.sqlite"]


def test_known_layers_are_not_opened(lading: program.Lading, tmp_path: Path) -> None:
    imaging.write_layout(tmp_path / "own", [imaging.tar({**program.TREE, "pad": os.urandom(50_000)})])
    first = lading("sbom", "oci:own", "-f", "json").stdout
    layer = max((tmp_path / "own/blobs/sha256").iterdir(), key=lambda path: path.stat().st_size)
    layer.write_bytes(bytes(layer.stat().st_size))
    done = lading("sbom", "oci:own", "-f", "json")
    assert (done.returncode, done.stdout) == (0, first)
    done = lading("sbom", "oci:own", "-f", "json", "--no-cache")
    assert (done.returncode, done.stdout) == (3, b"")
    assert b"content is sha256:" in done.stderr


def test_a_bar_is_drawn_for_what_takes_long(lading: program.Lading, tmp_path: Path) -> None:
    imaging.write_layout(tmp_path / "slow", [imaging.tar({**program.TREE, "pad": os.urandom(2_000_000)})])

    def slowly(exchange: Exchange, data: bytes) -> None:
        exchange.send_response(200)
        exchange.send_header("Content-Length", str(len(data)))
        exchange.end_headers()
        for start in range(0, len(data), 200_000):
            exchange.raw(data[start : start + 200_000])
            time.sleep(0.25)

    with program.registry(tmp_path / "slow", slowly) as served:
        target = f"docker://{served.host}/image:test"
        status, shown = lading.on_terminal("sbom", target, "--insecure", "-f", "json=out")
    assert (status, (tmp_path / "out").exists()) == (0, True)
    assert re.search(r"layer [0-9a-f]{12}", shown)
    assert re.search(r"[1-9][0-9] %", shown)
    assert "\x1b[?25h" in shown  # the cursor is there again


def test_no_bar_when_quiet_or_quick(lading: program.Lading) -> None:
    for more in ([], ["--quiet"]):
        assert lading.on_terminal("sbom", "oci:image", "-f", "json=out", *more) == (0, "")
