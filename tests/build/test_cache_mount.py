"""Directories that outlive builds: who may use them with whom, and how they come into being."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from lading.build.cache_mount import held
from lading.build.run_spec import Cache, Mount, Tmpfs
from lading.errors import StoppedError, UnavailableError


def _directories(mounts: tuple[Mount, ...]) -> list[str]:
    return [Path(mount.directory).name for mount in mounts if isinstance(mount, Cache)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "caches"


def _cache(folder: Path, sharing: Any, name: str = "one", **more: Any) -> Cache:  # noqa: ANN401 -- of Cache
    return Cache(target="/c", directory=str(folder / name), sharing=sharing, **more)


def test_made_with_mode_and_owner(folder: Path) -> None:
    owner = (5, 6) if os.geteuid() == 0 else (os.getuid(), os.getgid())
    mounts = (Tmpfs(target="/t"), _cache(folder, "shared", mode=0o2750, uid=owner[0], gid=owner[1]))
    with held(mounts) as found:
        assert found == mounts
        made = (folder / "one").stat()
        assert (made.st_mode & 0o7777, made.st_uid, made.st_gid) == (0o2750, *owner)
        (folder / "one/file").touch()
    with held((_cache(folder, "shared", mode=0o700),)):
        assert [path.name for path in (folder / "one").iterdir()] == ["file"]
        assert (folder / "one").stat().st_mode & 0o7777 == 0o2750
    assert sorted(path.name for path in folder.iterdir()) == ["one", "one.lock"]


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        ("shared", "shared", True), ("shared", "locked", False), ("locked", "shared", False),
        ("locked", "locked", False),
    ],
)  # fmt: skip
def test_together_or_one_after_the_other(folder: Path, first: str, second: str, *, together: bool) -> None:
    asked = threading.Event()
    order: list[str] = []

    def waiting() -> bool:
        asked.set()
        return False

    def use() -> None:
        with held((_cache(folder, second),), waiting):
            order.append("second")

    with held((_cache(folder, first),)):
        thread = threading.Thread(target=use)
        thread.start()
        if together:
            thread.join()
        else:
            assert asked.wait(30)  # it has found that it has to wait
            assert order == []
        order.append("first")
    thread.join()
    assert order == (["second", "first"] if together else ["first", "second"])


def test_private_takes_the_first_that_is_free(folder: Path) -> None:
    with held((_cache(folder, "private"),)) as one:
        with held((_cache(folder, "private"),)) as two:
            assert (_directories(one), _directories(two)) == (["one"], ["one.1"])
            with held((_cache(folder, "private"), _cache(folder, "private"))) as both:
                assert _directories(both) == ["one.2", "one.2"]
        with held((_cache(folder, "private"),)) as again:
            assert _directories(again) == ["one.1"]


def test_private_ones_begin_with_the_same(folder: Path) -> None:
    (folder / "begin/d").mkdir(parents=True)
    (folder / "begin/d/f").write_text("1")
    cache = _cache(folder, "private", beginning=str(folder / "begin"))
    for _ in range(2):
        with held((cache,)), held((cache,)):
            for name in ("one", "one.1"):
                assert (folder / name / "d/f").read_text() == "1"
        (folder / "begin/d/f").write_text("2")
    assert not list(folder.glob(".new-*"))


def test_one_directory_twice_in_a_command(folder: Path) -> None:
    """It does not wait for itself."""
    with held((_cache(folder, "shared"), _cache(folder, "locked"))) as found:
        assert _directories(found) == ["one", "one"]


def test_two_in_different_order_do_not_wait_for_each_other(folder: Path) -> None:
    def use(*names: str) -> None:
        for _ in range(50):
            with held(tuple(_cache(folder, "locked", name) for name in names)):
                pass

    threads = [threading.Thread(target=use, args=names) for names in (("a", "b"), ("b", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)


def test_stopped_while_it_waits(folder: Path) -> None:
    with (
        held((_cache(folder, "locked"),)),
        pytest.raises(StoppedError, match="waited for a cache"),
        held((_cache(folder, "locked"),), lambda: True),
    ):
        pass


def test_free_again_when_its_user_was_killed(folder: Path) -> None:
    code = (
        "import sys, time; from lading.build.cache_mount import held; from lading.build.run_spec import Cache\n"
        f"with held((Cache(target='/c', directory={str(folder / 'one')!r}, sharing='locked'),)):\n"
        "    print(flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.read(1)
        process.kill()
        process.wait()
        with held((_cache(folder, "locked"),)) as found:
            assert _directories(found) == ["one"]


def test_no_directory_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(UnavailableError, match="no cache can be kept"),
        held((_cache(tmp_path / "file", "shared"),)),
    ):
        pass
