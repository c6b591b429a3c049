from __future__ import annotations

import io
import os
import random
import stat
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import imaging
import needs
import overlays
from lading.build import unpack
from lading.build.disk import Lost
from lading.build.layer_index import LayerIndex, from_tar
from lading.build.node import DIRECTORY, FILE
from lading.build.tree import Tree
from lading.errors import LadingError, MalformedError, UnavailableError

CAPABILITY = bytes.fromhex("0100000200200000000000000000000000000000")


def entry(name: str, kind: bytes = tarfile.REGTYPE, **fields: object) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type = kind
    for key, value in fields.items():
        setattr(made, key, value)
    return made


def archive(*entries: tarfile.TarInfo, data: bytes = b"") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for one in entries:
            tar.addfile(one, io.BytesIO(data.ljust(one.size, b"x")))
    return out.getvalue()


class Stack:
    """Layers unpacked one by one, as an overlay's directories, and their tree."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tree = Tree()
        self.lowers: list[Path] = []

    def add(self, data: bytes) -> unpack.Unpacked:
        target = self.folder / f"layer{len(self.lowers)}"
        target.mkdir()
        found = unpack.layer(iter([data]), target, self.tree, self.lowers)
        self.tree.apply(found.index, len(self.lowers))
        self.lowers.append(target)
        return found


@needs.root()
def test_everything_that_an_entry_says(tmp_path: Path) -> None:
    stack = Stack(tmp_path)
    data = archive(
        entry("./", tarfile.DIRTYPE, mode=0o751, mtime=7),
        entry("bin", tarfile.DIRTYPE, mode=0o555, uid=1, gid=2, mtime=1_000),
        entry("bin/su", mode=0o6755, uid=3, gid=4, mtime=-5, size=5),
        entry("bin/hard", tarfile.LNKTYPE, linkname="bin/su"),
        entry("bin/link", tarfile.SYMTYPE, linkname="/bin/su", uid=5, mtime=9),
        entry("dev/null", tarfile.CHRTYPE, devmajor=1, devminor=3, mode=0o666),
        entry("dev/sda", tarfile.BLKTYPE, devmajor=8, devminor=1, mode=0o660, gid=6),
        entry("run/pipe", tarfile.FIFOTYPE, mode=0o622, uid=70_000),
        entry("var", tarfile.DIRTYPE, mode=0o2775, pax_headers={"SCHILY.xattr.user.d": "dir"}),
        entry("var/empty", pax_headers={"SCHILY.xattr.user.f": "file", "SCHILY.xattr.user.e": ""}),
    )
    found = stack.add(data)
    assert found.lost == ()
    assert found.index == from_tar(iter([data]), "layer")
    assert overlays.on_disk(stack.lowers[0]) == overlays.in_tree(stack.tree)
    assert overlays.contents(stack.lowers[0]).keys() == {"bin/su", "bin/hard", "var/empty"}
    assert (stack.lowers[0] / "bin/su").stat().st_nlink == 2


@needs.root()
def test_a_capability_is_set_after_the_owner(tmp_path: Path) -> None:
    record = b"SCHILY.xattr.security.capability=" + CAPABILITY + b"\n"
    data = b"%d %s" % (len(record) + 3, record)
    header = entry("pax", tarfile.XHDTYPE, size=len(data)).tobuf(tarfile.USTAR_FORMAT)
    padded = data + bytes(-len(data) % 512)
    stack = Stack(tmp_path)
    stack.add(header + padded + entry("ping", uid=1, mode=0o755).tobuf(tarfile.USTAR_FORMAT))
    assert os.getxattr(stack.lowers[0] / "ping", "security.capability") == CAPABILITY
    assert stack.tree.get("ping").xattrs == (("security.capability", CAPABILITY),)  # type: ignore[union-attr]  # it is there


def whiteouts(directory: Path) -> list[str]:
    return sorted(
        str(path.relative_to(directory))
        for path in directory.rglob("*")
        if stat.S_ISCHR(path.lstat().st_mode) and path.lstat().st_rdev == 0
    )


BASE: imaging.Tree = {"d": None, "d/a": b"a", "d/s": None, "d/s/x": b"x", "f": b"f", "l": ("->", "d")}


@pytest.mark.parametrize(
    ("layer", "marks"),
    [
        ({".wh.f": b""}, ["f"]),
        ({".wh.none": b"", "none/.wh.x": b""}, []),
        ({".wh.d": b""}, ["d"]),
        ({".wh.d": b"", "d": None}, ["d/a", "d/s"]),
        ({"d/.wh..wh..opq": b"", "d/a": b"2"}, ["d/s"]),
        ({"l/.wh.a": b""}, ["d/a"]),
        ({".wh.l": b"", "l": None}, []),
        ({"d": b"file"}, []),
        ({"d/s": None}, []),
        ({"d/s/.wh..wh..opq": b"", "d/s/y": b""}, ["d/s/x"]),
        ({"f": None, ".wh.f": b""}, []),
        ({"d": b"", ".wh.f": b"", "f/x": b""}, []),
    ],
)
def test_what_is_gone_is_marked_and_nothing_else(
    tmp_path: Path, layer: imaging.Tree, marks: list[str]
) -> None:
    stack = Stack(tmp_path)
    stack.add(imaging.tar(BASE))
    stack.add(imaging.tar(layer))
    assert whiteouts(stack.lowers[1]) == marks


def test_a_hard_link_to_a_lower_layer_becomes_a_copy(tmp_path: Path) -> None:
    stack = Stack(tmp_path)
    stack.add(
        archive(entry("d", tarfile.DIRTYPE, mode=0o755), entry("d/f", mode=0o640, size=3_000_000, mtime=5))
    )
    stack.add(
        archive(
            entry("again", tarfile.LNKTYPE, linkname="d/f"), entry("third", tarfile.LNKTYPE, linkname="again")
        )
    )
    assert (stack.lowers[1] / "again").read_bytes() == (stack.lowers[0] / "d/f").read_bytes()
    assert overlays.on_disk(stack.lowers[1])["again"] == overlays.on_disk(stack.lowers[0])["d/f"]
    assert (stack.lowers[1] / "again").samefile(stack.lowers[1] / "third")
    assert stack.tree.names("third") == ["again", "third"]
    assert (stack.tree.origin("d/f"), stack.tree.origin("again")) == (0, 1)


def test_a_sparse_file_stays_sparse(tmp_path: Path) -> None:
    path = tmp_path / "sparse"
    with path.open("wb") as made:
        made.write(b"start")
        made.seek(30_000_000)
        made.write(b"middle")
        made.truncate(60_000_000)
    packed = subprocess.run(
        ["tar", "-C", tmp_path, "-cSf", "-", "sparse"], check=True, capture_output=True
    ).stdout
    stack = Stack(tmp_path)
    stack.add(packed)
    unpacked = stack.lowers[0] / "sparse"
    assert unpacked.read_bytes() == path.read_bytes()
    assert unpacked.stat().st_blocks * 512 < 1_000_000


@needs.root()
@needs.tool("mount", "umount")
def test_as_an_overlay_shows_it(tmp_path: Path) -> None:
    """Layers at random: what the kernel shows of the directories is the tree, and so is what is unpacked flat."""
    chance = random.Random(5)
    applied = refused = 0
    for round_ in range(60):
        folder = tmp_path / str(round_)
        folder.mkdir()
        stack = Stack(folder)
        datas: list[bytes] = []
        for _ in range(5):
            data = overlays.layer_at_random(chance)
            before = stack.tree.copy()
            try:
                before.apply(from_tar(iter([data]), "layer"), 9)
            except LadingError as error:
                with pytest.raises(type(error)):
                    unpack.layer(iter([data]), _empty(folder / "refused"), stack.tree, stack.lowers)
                refused += 1
                continue
            stack.add(data)
            datas.append(data)
            applied += 1
        flat = _empty(folder / "flat")
        unpack.flat([(iter([data]), "layer") for data in datas], flat)
        expected = overlays.in_tree(stack.tree)
        assert overlays.on_disk(flat) == expected
        if stack.lowers:
            with overlays.mounted(folder / "merged", [_empty(folder / "none"), *stack.lowers]) as merged:
                assert overlays.on_disk(merged) == expected
                assert overlays.contents(merged) == overlays.contents(flat)
            for path, shown in expected.items():
                if shown[0] == FILE:
                    origin = stack.lowers[stack.tree.origin(path)]
                    assert (origin / path).read_bytes() == (flat / path).read_bytes()
    assert applied > 100
    assert refused > 20


def _empty(path: Path) -> Path:
    if path.exists():
        unpack.remove(path)
    path.mkdir()
    return path


@needs.root()
@needs.tool("umoci")
def test_as_umoci_unpacks(tmp_path: Path) -> None:
    layers = [
        archive(
            entry("etc", tarfile.DIRTYPE, mode=0o755, mtime=5),
            entry("etc/passwd", size=100, mode=0o644, uid=7, mtime=6),
            entry("etc/old", size=1, mtime=7),
            entry("usr/bin", tarfile.DIRTYPE, mode=0o711, mtime=8),
            entry("usr/bin/x", size=9, mode=0o4755, gid=9, mtime=9),
            entry("usr/bin/y", tarfile.LNKTYPE, linkname="usr/bin/x", mode=0o4755, gid=9, mtime=9),
            entry("bin", tarfile.SYMTYPE, linkname="usr/bin", mode=0o777, mtime=10),
            entry("var/cache/apt", tarfile.DIRTYPE, mode=0o755, mtime=5),
            entry("var/cache/apt/list", size=5, mtime=5),
        ),
        archive(
            entry("etc/.wh.old"),
            entry("bin/z", size=3, mode=0o755, mtime=11),
            entry("var/cache", tarfile.DIRTYPE, mode=0o700, mtime=12),
            entry("var/cache/.wh..wh..opq"),
            entry("usr/bin/x", size=1, mode=0o755, mtime=13),
        ),
    ]
    imaging.write_layout(tmp_path / "layout", layers)
    subprocess.run(
        ["umoci", "unpack", "--image", f"{tmp_path}/layout:test", tmp_path / "bundle"],
        check=True,
        capture_output=True,
    )
    flat = _empty(tmp_path / "flat")
    unpack.flat([(iter([data]), "layer") for data in layers], flat)
    ours, theirs = overlays.on_disk(flat), overlays.on_disk(tmp_path / "bundle/rootfs")
    for implied in ("", "usr", "var", "etc", "usr/bin"):  # whose times are those of the unpacking there
        kept = list(theirs[implied])
        kept[4] = ours[implied][4]
        theirs[implied] = tuple(kept)  # type: ignore[assignment]  # the same shape
    assert ours == theirs
    assert overlays.contents(flat) == overlays.contents(tmp_path / "bundle/rootfs")


def test_layers_are_added_to_a_flat_root(tmp_path: Path) -> None:
    first = archive(
        entry("d", tarfile.DIRTYPE, mode=0o700, pax_headers={"SCHILY.xattr.user.x": "1"}),
        entry("d/f", size=4),
    )
    second = archive(
        entry("d", tarfile.DIRTYPE, mode=0o755, mtime=3),
        entry("d/.wh.f"),
        entry("d/g", tarfile.LNKTYPE, linkname="e"),
    )
    [found] = unpack.flat([(iter([first + archive(entry("e", size=2))[:0]]), "one")], tmp_path)
    tree = Tree()
    tree.apply(found.index, 0)
    [more] = unpack.flat([(iter([archive(entry("e", size=2), entry("h"))]), "two")], tmp_path, tree, 1)
    tree.apply(more.index, 1)
    [last] = unpack.flat([(iter([second]), "three")], tmp_path, tree, 2)
    tree.apply(last.index, 2)
    assert {path: shown[:2] for path, shown in overlays.on_disk(tmp_path).items()} == {
        path: shown[:2] for path, shown in overlays.in_tree(tree).items()
    }
    shown = overlays.on_disk(tmp_path)["d"]
    assert (shown[4], shown[7]) == (3 * 10**9, ())
    assert not (tmp_path / "d/g").samefile(tmp_path / "e")  # of another layer: a copy, as in an overlay


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (archive(entry("../x")), "leads above"),
        (archive(entry("f"), entry("f/x")), "no directory"),
        (archive(entry("h", tarfile.LNKTYPE, linkname="../../etc/passwd")), "not there"),
        (archive(entry("a", tarfile.SYMTYPE, linkname="a"), entry("a/x")), "too many symlinks"),
        (archive(entry("f", size=700))[:600], "ends within"),
        (archive(entry("f"))[:500], "ends within"),
    ],
)
def test_refuses(tmp_path: Path, data: bytes, message: str) -> None:
    stack = Stack(tmp_path)
    with pytest.raises(MalformedError, match=message):
        stack.add(data)


def test_nothing_leads_out(tmp_path: Path) -> None:
    """Links to everywhere, and entries through them: all of it lands below the target."""
    outside = tmp_path / "outside"
    outside.mkdir()
    up = "../" * 30 + str(outside).lstrip("/")
    data = archive(
        entry("abs", tarfile.SYMTYPE, linkname=str(outside)),
        entry("rel", tarfile.SYMTYPE, linkname=up),
        entry("abs/a", size=1),
        entry("rel/b", size=1),
        entry("abs/.wh.c"),
        entry("rel/d", tarfile.DIRTYPE),
        entry("rel/h", tarfile.LNKTYPE, linkname="abs/a"),
        entry("rel/.wh..wh..opq"),
    )
    (outside / "keep").touch()
    stack = Stack(tmp_path)
    stack.add(data)
    stack.add(data)
    unpack.flat([(iter([data]), "one"), (iter([data]), "two")], _empty(tmp_path / "flat"))
    assert [path.name for path in outside.iterdir()] == ["keep"]
    inside = stack.lowers[0] / str(outside).lstrip("/")
    assert sorted(path.name for path in inside.iterdir()) == ["a", "b", "d", "h"]


@pytest.fixture
def removed(tmp_path: Path) -> Iterator[Path]:
    """Give a directory that is removed by our own means: it may be deeper than `shutil` goes."""
    folder = tmp_path / "removed"
    folder.mkdir()
    yield folder
    unpack.remove(folder)
    assert not folder.exists()


def test_deep_directories(removed: Path) -> None:
    deep = "/".join(["d"] * 2000)
    data = archive(entry(deep + "/f", size=4, mtime=3), entry(deep, tarfile.DIRTYPE, mode=0o700, mtime=4))
    stack = Stack(removed)
    stack.add(data)
    stack.add(
        archive(
            entry(deep + "/g", tarfile.LNKTYPE, linkname=deep + "/f"),
            entry("l", tarfile.SYMTYPE, linkname=deep),
        )
    )
    stack.add(archive(entry("l/.wh.f"), entry("l/e", tarfile.DIRTYPE)))
    unpack.flat([(iter([data]), "one"), (iter([archive(entry(".wh.d"))]), "two")], _empty(removed / "flat"))
    assert list((removed / "flat").iterdir()) == []


def test_a_long_path_through_a_link(tmp_path: Path) -> None:
    """The real path is longer than the system takes at once, together with where the layer is."""
    part = "n" * 250
    folder = "/".join([part] * 15)
    stack = Stack(tmp_path)
    stack.add(archive(entry(f"{folder}/f", size=7)))
    stack.add(archive(entry("h", tarfile.LNKTYPE, linkname=f"{folder}/f")))
    assert (stack.lowers[1] / "h").read_bytes() == b"x" * 7


def test_whiteout_devices_are_no_devices(tmp_path: Path) -> None:
    stack = Stack(tmp_path)
    stack.add(archive(entry("f", size=1), entry("keep")))
    found = stack.add(archive(entry("f", tarfile.CHRTYPE), entry("new", tarfile.CHRTYPE)))
    assert found.lost == (Lost("f", "device"), Lost("new", "device"))
    assert whiteouts(stack.lowers[1]) == ["f"]  # so that the file below it is not shown instead
    assert found.index.nodes[0].kind == "character"


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(UnavailableError, match="no room to write it"):
        Stack(tmp_path).add(archive(entry("f", size=1)))


def test_the_root_of_an_upper_directory(tmp_path: Path) -> None:
    stack = Stack(tmp_path)
    stack.add(
        archive(entry(".", tarfile.DIRTYPE, mode=0o750, mtime=77, pax_headers={"SCHILY.xattr.user.r": "1"}))
    )
    upper = _empty(tmp_path / "upper")
    unpack.prepare(upper, stack.tree)
    assert overlays.on_disk(upper) == overlays.in_tree(stack.tree)


REMOVE = """
import sys
from pathlib import Path
from lading.build import unpack
unpack.remove(Path(sys.argv[1]))
"""

USERNS = """
import sys
from pathlib import Path
from lading.build import unpack
from lading.build.tree import Tree
tree, lowers = Tree(), []
for number, name in enumerate(sys.argv[2:]):
    target = Path(sys.argv[1]) / str(number)
    target.mkdir()
    found = unpack.layer(iter([Path(name).read_bytes()]), target, tree, lowers)
    tree.apply(found.index, number)
    lowers.append(target)
    for lost in found.lost:
        print(lost.path, lost.what)
"""


@needs.tool("unshare")
def test_in_a_user_namespace_of_one_id(tmp_path: Path) -> None:
    """Who is root of a namespace without other ids: what cannot be made is told, the rest is there."""
    base = archive(
        entry("d", tarfile.DIRTYPE, mode=0o755, uid=33, pax_headers={"SCHILY.xattr.user.a": "1"}),
        entry("d/f", size=3, mode=0o4711),
        entry("d/other", size=3, mode=0o640, gid=42),
        entry("null", tarfile.CHRTYPE, devmajor=1, devminor=3),
        entry("trusted", pax_headers={"SCHILY.xattr.trusted.x": "1"}),
        entry("closed", tarfile.DIRTYPE, mode=0),
        entry("closed/x", size=1),
    )
    second = archive(entry(".wh.d"), entry("d", tarfile.DIRTYPE, mode=0o700), entry("closed/.wh.x"))
    tars = [tmp_path / "base.tar", tmp_path / "second.tar"]
    for place, data in zip(tars, (base, second), strict=True):
        place.write_bytes(data)
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", sys.executable, "-c", USERNS, tmp_path, *tars],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "unshare failed" in done.stderr:
        needs.missing(f"no user namespaces: {done.stderr}")
    assert done.stderr == ""
    lost = ["d owner", "d/other owner", "null device", "trusted xattr trusted.x"]
    assert sorted(done.stdout.splitlines()) == lost
    shown = overlays.on_disk(tmp_path / "0")
    assert shown["d/f"][:4] == (FILE, 0o4711, os.geteuid(), os.getegid())
    assert shown["d"][7] == (("user.a", b"1"),)
    assert shown["closed"][:2] == (DIRECTORY, 0)
    assert "null" not in shown
    assert whiteouts(tmp_path / "1") == ["closed/x", "d/f", "d/other"]


@needs.root()
@needs.tool("setpriv")
def test_closed_directories_are_filled_by_who_may_not_pass_them(tmp_path: Path) -> None:
    data = archive(
        entry("a", tarfile.DIRTYPE, mode=0),
        entry("a/b", tarfile.DIRTYPE, mode=0o555),
        entry("a/b/c", tarfile.DIRTYPE, mode=0o400),
        entry("a/b/c/f", size=3, mode=0),
    )
    (tmp_path / "layer.tar").write_bytes(data)
    bound = "--bounding-set=-dac_override,-dac_read_search"
    subprocess.run(
        ["setpriv", bound, sys.executable, "-c", USERNS, tmp_path, tmp_path / "layer.tar"], check=True
    )
    tree = Tree()
    tree.apply(from_tar(iter([data]), "layer"), 0)
    assert overlays.on_disk(tmp_path / "0") == overlays.in_tree(tree)
    subprocess.run(["setpriv", bound, sys.executable, "-c", REMOVE, tmp_path / "0"], check=True)
    assert not (tmp_path / "0").exists()


def test_an_index_is_what_reading_alone_gives(tmp_path: Path) -> None:
    data = imaging.tar(BASE)
    assert Stack(tmp_path).add(data).index == from_tar(iter([data]), "layer")
    assert unpack.flat([], _empty(tmp_path / "none")) == ()
    assert LayerIndex() == Stack(_empty(tmp_path / "more")).add(bytes(1024)).index
