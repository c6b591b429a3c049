"""The store under processes that share it, are killed, or run out of room."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import imaging
import needs
from lading.errors import DeniedError, LadingError, UnavailableError
from lading.oci import digest as digests
from lading.oci import layout
from lading.oci.image import Image
from lading.oci.store import Store

BIG = 3_000_000


def noise(seed: int, size: int = BIG) -> bytes:
    return imaging.tar({f"file{seed}": random.Random(seed).randbytes(size)})


def source(folder: Path, *layers: bytes) -> Image:
    imaging.write_layout(folder, list(layers))
    return layout.open_image(folder, "", None, "source")


def check(store: Store) -> None:
    """Assert that the store is whole: every blob what its name says, every image complete."""
    for path in (store.path / "blobs").rglob("*"):
        if path.is_file():
            assert digests.of(path.read_bytes()) == f"{path.parent.name}:{path.name}"
    for entry in store.images():
        assert not entry.problem
        assert all(store.has(layer.digest) for layer in store.open_image(entry.digest).layers)


def start(code: str, *arguments: str | Path, **more: object) -> subprocess.Popen[bytes]:
    """Run code in a process of its own, in which `store`, `source` and `sys.argv` are at hand."""
    setting = (
        "import sys, pathlib, time\nfrom lading.oci import layout\nfrom lading.oci.store import Store\n"
        "store = Store(pathlib.Path(sys.argv[1]))\n"
        "def source(path): return layout.open_image(pathlib.Path(path), '', None, path)\n"
    )
    process: subprocess.Popen[bytes] = subprocess.Popen(
        [sys.executable, "-c", setting + code, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        **more,  # type: ignore[call-overload]  # of subprocess.Popen
    )
    return process


def wait(processes: list[subprocess.Popen[bytes]]) -> None:
    assert [process.wait(120) for process in processes] == [0] * len(processes)


def test_two_processes_put_the_same(tmp_path: Path) -> None:
    source(tmp_path / "source", noise(1), noise(2))
    store = Store(tmp_path / "store")
    code = "for n in range(5): store.put(source(sys.argv[2]), [f'{sys.argv[3]}:{n}'])"
    wait([start(code, store.path, tmp_path / "source", name) for name in ("one", "two")])
    assert len(store.images()) == 10
    check(store)


def test_no_name_is_lost_when_many_change_the_index(tmp_path: Path) -> None:
    source(tmp_path / "source", noise(1, 100))
    store = Store(tmp_path / "store")
    code = (
        "store.put(source(sys.argv[2]), [f'{sys.argv[3]}:0'])\n"
        "for n in range(20):\n"
        "    store.tag(f'{sys.argv[3]}:{n}', [f'{sys.argv[3]}:{n + 1}'])\n    store.remove(f'{sys.argv[3]}:{n}')\n"
    )
    wait([start(code, store.path, tmp_path / "source", f"name{number}") for number in range(4)])
    assert sorted(entry.name for entry in store.images()) == [
        f"docker.io/library/name{number}:20" for number in range(4)
    ]
    check(store)


def test_pruning_beside_those_who_add(tmp_path: Path) -> None:
    for number in range(3):
        source(tmp_path / f"source{number}", noise(0, 50_000), noise(number + 1, 200_000))
    store = Store(tmp_path / "store")
    adding = (
        "for n in range(15):\n    store.put(source(sys.argv[2]), ['shared', f'own:{sys.argv[3]}'])\n"
        "    store.remove(f'own:{sys.argv[3]}')\n"
    )
    pruning = "for n in range(100): store.collect(); time.sleep(0.005)"
    adders = [start(adding, store.path, tmp_path / f"source{number}", str(number)) for number in range(3)]
    wait([*adders, start(pruning, store.path)])
    check(store)
    store.prune()
    check(store)
    assert [entry.name for entry in store.images()] == ["docker.io/library/shared:latest"]
    assert len(list((store.path / "blobs" / "sha256").iterdir())) == 4


@pytest.mark.parametrize("seed", range(6))
def test_killed_in_the_middle_and_again(tmp_path: Path, seed: int) -> None:
    """However far it came: nothing half-written is to be seen, and the next one ends it."""
    image = source(tmp_path / "source", noise(1), noise(2), noise(3))
    store = Store(tmp_path / "store")
    store.put(source(tmp_path / "before", noise(4, 100)), ["before"])
    code = "print('go', flush=True)\nstore.put(source(sys.argv[2]), ['app'])"
    process = start(code, store.path, tmp_path / "source", stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline() == b"go\n"
    time.sleep(seed * 0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    check(store)
    assert {entry.name for entry in store.images()} <= {
        "docker.io/library/before:latest",
        "docker.io/library/app:latest",
    }
    assert store.put(image, ["app"]) == image.digest
    check(store)
    assert list((store.path / ".tmp").iterdir()) == []


def test_what_was_complete_is_not_read_again(tmp_path: Path) -> None:
    image = source(tmp_path / "source", noise(1, 1000), noise(2, 1000), noise(3, 1000))
    store = Store(tmp_path / "store")

    def refuse() -> io.BytesIO:
        raise UnavailableError("the line is cut")

    cut = dataclasses.replace(image.layers[2], open=refuse)
    with pytest.raises(UnavailableError, match="the line is cut"):
        store.put(dataclasses.replace(image, layers=(image.layers[0], image.layers[1], cut)), ["app"])
    here = [layer.digest for layer in image.layers if store.has(layer.digest)]
    known = tuple(
        dataclasses.replace(layer, open=refuse) if layer.digest in here else layer for layer in image.layers
    )
    assert store.put(dataclasses.replace(image, layers=known), ["app"]) == image.digest
    check(store)


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Give a file system of two MiB."""
    folder.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], check=False, capture_output=True).returncode:  # fmt: skip
        pytest.skip("file systems cannot be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@needs.tool("mount", "umount")
def test_a_full_disk(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        store = Store(disk / "store")
        store.put(source(tmp_path / "before", noise(4, 100)), ["before"])
        with pytest.raises(UnavailableError, match="no room to write it") as caught:
            store.put(source(tmp_path / "source", noise(1, 100_000), noise(2)), ["app"])
        assert caught.value.where.startswith(str(store.path))
        assert [entry.name for entry in store.images()] == ["docker.io/library/before:latest"]
        check(store)
        assert list((store.path / ".tmp").iterdir()) == []
        store.prune()
        store.put(source(tmp_path / "smaller", noise(1, 100_000)), ["app"])
        check(store)


@needs.tool("mount", "umount")
def test_something_can_be_removed_from_a_full_disk(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        store = Store(disk / "store")
        for number in (1, 2):
            store.put(source(tmp_path / f"source{number}", noise(number, 100_000)), [f"app{number}"])
        with (disk / "fill").open("wb", buffering=0) as fill, contextlib.suppress(OSError):
            while fill.write(bytes(4096)):
                pass
        with pytest.raises(UnavailableError, match="no room to write it"):
            store.tag("app1", ["app3"])
        assert store.remove("app1") == ["docker.io/library/app1:latest"]
        assert [entry.name for entry in store.images()] == ["docker.io/library/app2:latest"]
        freed = store.collect()
        assert freed is not None
        assert freed.blobs == 3
        check(store)
        store.tag("app2", ["app3"])
        assert len(store.images()) == 2


def test_files_may_not_be_large(tmp_path: Path) -> None:
    source(tmp_path / "source", noise(1, 100_000))
    store = Store(tmp_path / "store")
    code = "from lading.errors import LadingError\ntry: store.put(source(sys.argv[2]), ['app'])\nexcept LadingError as error: print(error)"
    process = start(
        code, store.path, tmp_path / "source", stdout=subprocess.PIPE,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000)),
    )  # fmt: skip
    out, _ = process.communicate(timeout=60)
    assert b"no room to write it" in out
    assert store.images() == []
    check(store)


def test_a_blob_that_a_power_failure_cut_is_fetched_again(tmp_path: Path) -> None:
    image = source(tmp_path / "source", noise(1, 1000))
    store = Store(tmp_path / "store")
    store.put(image, ["app"])
    for digest in (image.layers[0].digest, image.config_digest, image.digest):
        os.truncate(store.place(digest), 0)
    assert store.images()[0].problem
    assert store.put(image, ["app"]) == image.digest
    check(store)


@pytest.mark.parametrize("index", [b"", b"{", b"[]", b'{"manifests": 3}', b"\xff"])
def test_a_broken_index_is_told_and_left_alone(tmp_path: Path, index: bytes) -> None:
    image = source(tmp_path / "source", noise(1, 1000))
    store = Store(tmp_path / "store")
    store.put(image, ["app"])
    (store.path / "index.json").write_bytes(index)
    for action in (
        store.images,
        lambda: store.open_image("app"),
        store.prune,
        lambda: store.put(image, ["b"]),
    ):
        with pytest.raises(LadingError, match=r"index\.json"):
            action()
    assert (store.path / "index.json").read_bytes() == index
    assert store.has(image.digest)


def test_what_may_only_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading takes no locks; root may write everywhere, so that the system's answer is made here."""
    image = source(tmp_path / "source", noise(1, 1000))
    store = Store(tmp_path / "store")
    store.put(image, ["app"])
    real = os.open

    def refuse(path: object, flags: int, *more: int, **named: int) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, flags, *more, **named)  # type: ignore[arg-type]  # as it came

    monkeypatch.setattr(os, "open", refuse)
    assert store.open_image("app").digest == image.digest
    assert len(store.images()) == 1
    for action in (
        lambda: store.put(image, ["b"]),
        lambda: store.remove("app"),
        store.prune,
        lambda: store.tag("app", ["b"]),
    ):
        with pytest.raises(DeniedError, match="no permission"):
            action()
