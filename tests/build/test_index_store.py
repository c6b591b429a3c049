from __future__ import annotations

import logging
import threading
from pathlib import Path

import pytest

from lading.build.index_store import IndexStore
from lading.build.layer_index import LayerIndex, Whiteout
from lading.build.node import CHARACTER, DIRECTORY, SYMLINK, Node

INDEX = LayerIndex(
    (
        Whiteout("", opaque=True),
        Node(path="", kind=DIRECTORY, mode=0o755),
        Node(path="etc", kind=DIRECTORY, mode=0o1777, uid=4_294_967_294, mtime_ns=-1),
        Whiteout("etc/gone"),
        Node(path="etc/\udcff", size=2**40, xattrs=(("user.\udcfe", b"\0\xff"), ("user.z", b""))),
        Node(path="link", kind=SYMLINK, link="../\udc80"),
        Whiteout("\udcffx"),
        Node(path="null", kind=CHARACTER, device=(1, 3), mtime_ns=2**62),
    )
)


@pytest.mark.parametrize(
    "index", [INDEX, LayerIndex(), LayerIndex((Whiteout("", opaque=True),))], ids=["full", "empty", "root"]
)
def test_what_is_kept_comes_back(tmp_path: Path, index: LayerIndex) -> None:
    store = IndexStore(tmp_path / "new")
    assert store.get("sha256:aa") is None
    store.put("sha256:aa", index)
    assert IndexStore(tmp_path / "new").get("sha256:aa") == index
    assert store.get("sha256:bb") is None
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["sha256-aa.2.index"]


def test_stages_that_make_the_same_layer(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = IndexStore(tmp_path)
    index = LayerIndex(tuple(Node(path=str(number)) for number in range(5000)))
    store.put("sha256:aa", index)
    found: list[bool] = []

    def work() -> None:
        for _ in range(10):
            store.put("sha256:aa", index)
            found.append(store.get("sha256:aa") is not None)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(found)
    assert caplog.messages == []


def test_a_broken_file_is_passed_over_and_written_anew(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = IndexStore(tmp_path)
    store.put("sha256:aa", INDEX)
    [path] = tmp_path.iterdir()
    whole = path.read_bytes()
    for broken in [b"", b"text", *(whole[:cut] for cut in range(1, len(whole), 7))]:
        path.write_bytes(broken)
        caplog.clear()
        assert store.get("sha256:aa") is None
        assert "passed over" in caplog.text
    store.put("sha256:aa", INDEX)
    assert store.get("sha256:aa") == INDEX


def test_damage_anywhere_is_noticed(tmp_path: Path) -> None:
    store = IndexStore(tmp_path)
    store.put("sha256:aa", INDEX)
    [path] = tmp_path.iterdir()
    whole = path.read_bytes()
    logging.disable(logging.WARNING)
    try:
        for at in range(len(whole)):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
            assert store.get("sha256:aa") in (None, INDEX)
    finally:
        logging.disable(logging.NOTSET)


def test_where_nothing_can_be_written_it_is_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_bytes(b"")
    store = IndexStore(tmp_path / "file" / "below")
    store.put("sha256:aa", INDEX)
    assert "is not kept" in caplog.text
    assert store.get("sha256:aa") is None
