from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

import program
from lading import net
from lading.build.chain import LayerRef
from lading.build.step_cache import Record, StepCache
from lading.cli import reach
from lading.errors import StoppedError
from lading.settings import Settings


def settings(tmp_path: Path, **more: object) -> Settings:
    return Settings(cache_dir=tmp_path / "cache", data_dir=tmp_path / "data", **more)  # type: ignore[arg-type]  # the test's business


def test_access(tmp_path: Path) -> None:
    found = reach.access(
        argparse.Namespace(insecure=False),
        settings(tmp_path, platform="linux/arm/v7", registry_mirrors={"a": ("b",)}),
    )
    assert found.store == tmp_path / "data" / "images" == reach.store_path(settings(tmp_path))
    assert found.mirrors == {"a": ("b",)}
    assert found.platform is not None
    assert (found.platform.os, found.platform.architecture, found.platform.variant) == ("linux", "arm", "v7")


@pytest.mark.parametrize("more", [[], ["--insecure"]], ids=["on-this-machine", "told-so"])
def test_a_registry_without_tls(lading: program.Lading, more: list[str]) -> None:
    with program.registry(
        lading.folder / "image", lambda exchange, data: exchange.reply(200, data)
    ) as served:
        done = lading("scan", f"docker://{served.host}/image:test", "-f", "json", *more)
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(json.loads(done.stdout)["findings"]) == 3


def test_what_builds_want_again(tmp_path: Path) -> None:
    held = settings(tmp_path)
    assert reach.kept(held) == set()
    steps = StepCache(held.cache_dir / reach.BUILD_FOLDER)
    layer = LayerRef(digest="sha256:" + "1" * 64, diff_id="sha256:" + "2" * 64, size=1, media_type="x")
    steps.keep_step("a" * 64, Record(layer, "2024-01-01T00:00:00Z"))
    steps.keep_step("b" * 64, Record(None, "2024-01-01T00:00:00Z"))
    assert reach.kept(held) == {layer.digest}
    reach.forget_builds(held)
    assert reach.kept(held) == set()


def test_clients_are_stopped_together() -> None:
    made = [net.client(environ={}) for _ in range(2)]
    clients = reach.Clients(iter(made).__next__)
    assert clients() is made[0]
    clients.stop()
    assert clients() is made[1]
    for one in made:
        with pytest.raises(StoppedError):
            one.open("GET", "http://127.0.0.1:9")
