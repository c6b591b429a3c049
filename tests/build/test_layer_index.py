from __future__ import annotations

import contextlib
import io
import tarfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import imaging
from lading.build import layer_index
from lading.build.layer_index import LayerIndex, Whiteout, from_tar, of_changes, ordered
from lading.build.node import (
    BLOCK,
    CHARACTER,
    DIRECTORY,
    FIFO,
    HARDLINK,
    SYMLINK,
    Changes,
    Item,
    Node,
    sorted_items,
)
from lading.build.tree import Tree
from lading.errors import LadingError, LimitError, MalformedError


def entry(name: str, **fields: object) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    for key, value in fields.items():
        setattr(made, key, value)
    return made


def archive(*entries: tarfile.TarInfo) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT, errors="surrogateescape") as tar:
        for one in entries:
            tar.addfile(one, io.BytesIO(bytes(one.size)))
    return out.getvalue()


def read(*entries: tarfile.TarInfo) -> LayerIndex:
    return from_tar(iter([archive(*entries)]), "layer")


def test_everything_that_an_entry_says() -> None:
    index = read(
        entry("./", type=tarfile.DIRTYPE, mode=0o755),
        entry(
            "bin/su", mode=0o4755, uid=1, gid=2, mtime=3, size=700, pax_headers={"SCHILY.xattr.user.a": "1"}
        ),
        entry("bin/link", type=tarfile.SYMTYPE, linkname="/bin/su", mode=0o777),
        entry("bin/hard", type=tarfile.LNKTYPE, linkname="./bin/su", mode=0o4755),
        entry("dev/null", type=tarfile.CHRTYPE, devmajor=1, devminor=3, mode=0o666),
        entry("dev/sda", type=tarfile.BLKTYPE, devmajor=8, mode=0o660),
        entry("run/pipe", type=tarfile.FIFOTYPE, mode=0o600),
    )
    assert index == LayerIndex(
        (
            Node(path="", kind=DIRECTORY, mode=0o755),
            Node(
                path="bin/su",
                mode=0o4755,
                uid=1,
                gid=2,
                mtime_ns=3 * 10**9,
                size=700,
                xattrs=(("user.a", b"1"),),
            ),
            Node(path="bin/link", kind=SYMLINK, mode=0o777, link="/bin/su"),
            Node(path="bin/hard", kind=HARDLINK, mode=0o4755, link="bin/su"),
            Node(path="dev/null", kind=CHARACTER, mode=0o666, device=(1, 3)),
            Node(path="dev/sda", kind=BLOCK, mode=0o660, device=(8, 0)),
            Node(path="run/pipe", kind=FIFO, mode=0o600),
        )
    )


@pytest.mark.parametrize(
    ("name", "whiteouts", "opaque", "nodes"),
    [
        ("etc/.wh.passwd", ("etc/passwd",), (), ()),
        (".wh.etc", ("etc",), (), ()),
        (".wh..hidden", (".hidden",), (), ()),
        ("a/.wh..wh..opq", (), ("a",), ()),
        (".wh..wh..opq", (), ("",), ()),
        (".wh..wh.aufs", (), (), ()),
        (".wh..wh.plnk/12.3", (), (), ()),
        ("a/.wh..wh.orph/x", (), (), ()),
        ("a.wh.b", (), (), ("a.wh.b",)),
        (".whale", (), (), (".whale",)),
        ("etc/.wh.d/x", (), (), ("etc/.wh.d/x",)),
    ],
)
def test_whiteouts(
    name: str, whiteouts: tuple[str, ...], opaque: tuple[str, ...], nodes: tuple[str, ...]
) -> None:
    index = read(entry(name))
    marks = [entry for entry in index.entries if isinstance(entry, Whiteout)]
    assert tuple(mark.path for mark in marks if not mark.opaque) == whiteouts
    assert tuple(mark.path for mark in marks if mark.opaque) == opaque
    assert tuple(node.path for node in index.nodes) == nodes


def test_the_later_of_two_entries_counts() -> None:
    index = read(entry("a", uid=1), entry("b"), entry("a", uid=2))
    assert [(node.path, node.uid) for node in index.nodes] == [("a", 1), ("b", 0), ("a", 2)]
    tree = Tree()
    tree.apply(index, 0)
    assert [(node.path, node.uid) for node in tree.walk()][1:] == [("a", 2), ("b", 0)]


def test_attributes_of_the_overlay_itself_are_dropped() -> None:
    names = ["trusted.overlay.opaque", "user.overlay.redirect", "user.fuseoverlayfs.opaque", "user.kept"]
    index = read(entry("d", pax_headers={f"SCHILY.xattr.{name}": "y" for name in names}))
    assert index.nodes[0].xattrs == (("user.kept", b"y"),)


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (entry("../etc/passwd"), "leads above the root"),
        (entry("a/../../b"), "leads above the root"),
        (entry("a/" + "n" * 256), "longer than Linux takes"),
        (entry("\u00e9" * 128), "longer than Linux takes"),
        (entry("abcd/" * 820), "longer than Linux takes"),
        (entry("l", type=tarfile.SYMTYPE, linkname=""), "leads nowhere"),
        (entry("l", type=tarfile.LNKTYPE, linkname="."), "leads nowhere"),
        (entry("l", type=tarfile.SYMTYPE, linkname="x" * 4096), "impossible target"),
        (entry("l", type=tarfile.SYMTYPE, pax_headers={"linkpath": "a\0b"}), "impossible target"),
        (entry("etc/.wh."), "names nothing"),
        (entry("etc/.wh..."), "names nothing"),
        (entry("f", pax_headers={"SCHILY.xattr.user.x": "y" * 65_537}), "impossible attribute"),
        (entry("f", pax_headers={"SCHILY.xattr.": "y"}), "impossible attribute"),
        (entry("f", pax_headers={"SCHILY.xattr." + "y" * 256: ""}), "impossible attribute"),
    ],
)
def test_refuses(made: tarfile.TarInfo, message: str) -> None:
    with pytest.raises(MalformedError, match=message):
        read(made)


def test_names_at_the_limits() -> None:
    names = ["n" * 255, "\u00e9" * 127, ("n" * 254 + "/") * 16 + "n" * 15]
    assert [node.path for node in read(*map(entry, names)).nodes] == names


def test_entries_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layer_index, "MAX_ENTRIES", 3)
    read(entry("a"), entry("b"), entry("a"))
    with pytest.raises(LimitError, match="over 3 entries"):
        read(entry("a"), entry("b"), entry("a"), entry("a"))


def test_names_have_a_limit_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layer_index, "MAX_TEXT_BYTES", 100)
    with pytest.raises(LimitError, match="of names"):
        read(entry("a" * 60), entry("b", type=tarfile.SYMTYPE, linkname="x" * 60))
    with pytest.raises(LimitError, match="of names"):
        read(entry("a", pax_headers={"SCHILY.xattr.user.x": "y" * 100}))


def test_index_of_changes_is_as_written() -> None:
    changes = Changes(
        items=(
            Item(Node(path="d", kind=DIRECTORY, mtime_ns=1_999_999_999)),
            Item(Node(path="h", kind=HARDLINK, link="d/x", size=9)),
            Item(Node(path="s", kind=SYMLINK, link="d", mode=0o644, mtime_ns=-1)),
        ),
        whiteouts=("d/b", "a"),
        opaque=("d", ""),
    )
    index = of_changes(changes)
    assert [(node.path, node.mtime_ns, node.size) for node in index.nodes] == [
        ("d", 10**9, 0), ("h", 0, 0), ("s", -(10**9), 0)
    ]  # fmt: skip
    assert index.nodes[2].mode == 0o777
    assert {node.mtime_ns for node in of_changes(changes, mtime_s=7).nodes} == {7 * 10**9}
    marks = {Whiteout("", opaque=True), Whiteout("a"), Whiteout("d", opaque=True), Whiteout("d/b")}
    assert set(index.entries) - set(index.nodes) == marks


def test_a_whiteout_keeps_its_place_in_the_tar() -> None:
    index = read(entry("b/x"), entry("b/.wh.x"), entry(".wh.a"), entry("a/y"), entry("b/.wh.x"))
    assert [entry.path for entry in index.entries] == ["b/x", "b/x", "a", "a/y", "b/x"]
    assert index.entries[1] == Whiteout("b/x")


def test_marks_come_behind_their_directory() -> None:
    items = [Item(Node(path=path, kind=DIRECTORY)) for path in ["", "a", "a/!", "a/b", "a-", "b"]]
    changes = Changes(
        items=sorted_items(items), whiteouts=("a/z", "a/!0", "b/y", "c", "n/x"), opaque=("a", "")
    )
    told = [
        (entry.node.path, "") if isinstance(entry, Item) else (entry.path, "o" if entry.opaque else "w")
        for entry in ordered(changes)
    ]
    assert told == [
        ("", ""), ("", "o"), ("c", "w"),
        ("a", ""), ("a", "o"), ("a/!0", "w"), ("a/z", "w"), ("a/!", ""), ("a/b", ""), ("a-", ""),
        ("b", ""), ("b/y", "w"), ("n/x", "w"),
    ]  # fmt: skip


@settings(max_examples=200)
@given(st.data())
def test_any_damage(data: st.DataObject) -> None:
    layer: imaging.Tree = {"e" * 120: b"long", "d/.wh.x": b"", "l": ("->", "q" * 150), "h": ("=", "e")}
    damaged = bytearray(imaging.tar(layer))
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        damaged[at] = data.draw(st.integers(0, 255))
        start = at // 512 * 512
        damaged[start + 148 : start + 156] = b" " * 8
        damaged[start + 148 : start + 156] = b"%06o\0 " % sum(damaged[start : start + 512])
    with contextlib.suppress(LadingError):
        from_tar(iter([bytes(damaged)]), "layer")
