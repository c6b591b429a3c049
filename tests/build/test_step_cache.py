from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lading.build.chain import LayerRef
from lading.build.step_cache import Record, StepCache
from lading.errors import UnavailableError

LAYER = LayerRef(
    digest="sha256:" + "1" * 64, diff_id="sha256:" + "2" * 64, size=3, media_type="x", annotations={"a": "b"}
)
KEY = "ab" + "0" * 62


def test_what_is_kept_is_there(tmp_path: Path) -> None:
    cache = StepCache(tmp_path / "steps")
    assert (cache.step(KEY), cache.digest(KEY), list(cache.steps())) == (None, "", [])
    cache.keep_step(KEY, Record(LAYER, "2026-01-01T00:00:00Z"))
    cache.keep_step("cd", Record(None, "now"))
    cache.keep_digest(KEY, "sha256:0")
    again = StepCache(tmp_path / "steps")
    assert again.step(KEY) == Record(LAYER, "2026-01-01T00:00:00Z")
    assert again.digest(KEY) == "sha256:0"
    assert dict(again.steps()) == {KEY: Record(LAYER, "2026-01-01T00:00:00Z"), "cd": Record(None, "now")}


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b'{"layer": 1, "created": ""}', b"\xff", b'{"created": ""}']
)
def test_what_is_broken_is_not_known(tmp_path: Path, raw: bytes) -> None:
    cache = StepCache(tmp_path)
    cache.keep_step(KEY, Record(LAYER, "x"))
    (path,) = tmp_path.glob("steps/*/*")
    path.write_bytes(raw)
    assert cache.step(KEY) is None
    assert list(cache.steps()) == []


def test_what_was_not_used_for_long_is_forgotten(tmp_path: Path) -> None:
    cache = StepCache(tmp_path)
    for key in ("aa1", "bb2"):
        cache.keep_step(key, Record(None, "x"))
        os.utime(tmp_path / "steps" / key[:2] / key, (0, 0))
    assert cache.step("aa1") is not None  # used now
    assert cache.prune(older_than_s=3600) == 1
    assert (cache.step("aa1") is None, cache.step("bb2") is None) == (False, True)
    assert cache.prune() == 1


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "steps").write_bytes(b"in the way")
    with pytest.raises(UnavailableError, match="cannot be written"):
        StepCache(tmp_path).keep_step(KEY, Record(None, "x"))


def _write(folder: Path) -> None:
    for number in range(200):
        StepCache(folder).keep_step(KEY, Record(LAYER, "x" * number))


def test_many_write_the_same_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        writers = [pool.submit(_write, tmp_path) for _ in range(2)]
        while not all(writer.done() for writer in writers):
            assert StepCache(tmp_path).step(KEY) is not None or not (tmp_path / "steps/ab" / KEY).exists()
    assert [writer.exception() for writer in writers] == [None, None]
    assert [path.name for path in (tmp_path / "steps/ab").iterdir()] == [KEY]
