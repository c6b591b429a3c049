from __future__ import annotations

import hashlib
import io
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

import imaging
import needs
import overlays
from lading.build import layer_index, snapshot, tar_write, unpack
from lading.build.index_store import IndexStore
from lading.build.layer_index import Whiteout
from lading.build.node import DIRECTORY, Changes, Item, Node
from lading.build.tree import Tree
from lading.errors import LadingError, LimitError, MalformedError, UnavailableError

BASE: imaging.Tree = {
    "etc": None, "etc/a": b"one", "etc/b": b"two", "etc/one": b"one", "etc/sub": None, "etc/sub/deep": None, "etc/sub/deep/x": b"x",
    "etc/sub/y": b"y", "bin": ("->", "usr/bin"), "usr": None, "usr/bin": None, "usr/bin/sh": b"#!", "usr/bin/twin": ("=", "usr/bin/sh"),
    "empty": None, "link": ("->", "etc/a"),
}  # fmt: skip

NO_TWINS = {path: value for path, value in BASE.items() if path != "usr/bin/twin"}

SCRIPTS = {
    "nothing": ":",
    "only-looked-at": "cat etc/a etc/sub/y > /dev/null; ls -R . > /dev/null",
    "new": "echo n > etc/new; mkdir -p opt/x/y; echo f > opt/x/y/f; ln -s ../etc opt/l; chmod 4711 opt/x/y/f; chown 5:6 opt/x/y/f",
    "changed": "echo more >> etc/a; chmod 600 etc/b; chown 1000:1001 etc/sub; touch -d @5 empty",
    "removed": "rm etc/a; rm -r etc/sub; rm bin; rmdir empty",
    "removed-parent": "rm -r etc",
    "replaced-by-another-kind": "rm -r etc/sub; echo file > etc/sub; rm etc/a; mkdir etc/a; echo in > etc/a/b; rm link; mkdir link",
    "made-again": "rm -r etc/sub; mkdir -p etc/sub/deep; echo z > etc/sub/deep/z",
    "made-again-alike": "rm -r etc/sub; mkdir -p etc/sub/deep; echo x > etc/sub/deep/x; echo y > etc/sub/y",
    "moved": "mv etc/sub/deep usr/deep; mv etc/a etc/c; mv link lnk",
    "links": "ln etc/a etc/hard; echo new > n1; ln n1 n2; ln n1 etc/n3; ln -sf /nowhere link",
    "links-changed": "echo other > usr/bin/sh",
    "special": "mkfifo pipe; mknod null c 1 3; mknod disk b 7 0; python3 -c 'import socket; socket.socket(1).bind(\"sock\")'",
    "attributes": "setfattr -n user.note -v hello etc/a; setfattr -n user.note -v dir etc; setcap cap_net_raw+ep usr/bin/sh",
    "sparse": "truncate -s 10M big; printf end >> big",
    "odd-names": "touch -- 'a b' \"$(printf 'n\\303\\251')\" \"$(printf 'bad\\377')\" '-n' '*'; mkdir ' '",
    "times": "touch -d @1.5 etc/a; touch -d @1 etc/sub",
    "root": "chmod 700 .; touch -d @7 .",
}  # fmt: skip


def _lower(folder: Path, base: imaging.Tree = BASE) -> tuple[Path, Tree]:
    """Return the base, unpacked, and its tree."""
    directory = folder / "lower"
    directory.mkdir()
    made = unpack.layer(iter([imaging.tar(base)]), directory, Tree(), [])
    tree = Tree()
    tree.apply(made.index, 0)
    return directory, tree


def _in_overlay(
    folder: Path, script: str, base: imaging.Tree = BASE
) -> tuple[Path, Tree, Changes, dict[str, overlays.Shown], dict[str, str]]:
    lower, before = _lower(folder, base)
    for name in ("upper", "work"):
        (folder / name).mkdir()
    unpack.prepare(folder / "upper", before)
    with overlays.mounted(folder / "merged", [lower], folder / "upper", folder / "work") as merged:
        subprocess.run(["sh", "-ec", script], cwd=merged, check=True)
        shown, contents = overlays.on_disk(merged), overlays.contents(merged)
    return folder / "upper", before, snapshot.from_upper(folder / "upper", before, [lower]), shown, contents


def _flat(
    folder: Path, script: str, base: imaging.Tree = BASE
) -> tuple[Path, Tree, Changes, dict[str, overlays.Shown], dict[str, str]]:
    root = folder / "root"
    root.mkdir()
    unpack.flat([(iter([imaging.tar(base)]), "base")], root)
    before = Tree()
    before.apply(layer_index.from_tar(iter([imaging.tar(base)]), "base"), 0)
    earlier = snapshot.stamps(root)
    subprocess.run(["sh", "-ec", script], cwd=root, check=True)
    return (
        root,
        before,
        snapshot.compare(root, before, earlier),
        overlays.on_disk(root),
        overlays.contents(root),
    )


FORMS = {"overlay": _in_overlay, "flat": _flat}


@needs.root()
@needs.tool("setfattr", "setcap")
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", SCRIPTS)
def test_the_layer_makes_the_tree_that_was_left(tmp_path: Path, name: str, form: str) -> None:
    _, before, changes, shown, contents = FORMS[form](tmp_path, SCRIPTS[name])
    after = before.copy()
    after.apply(layer_index.of_changes(changes), 1)
    expected = {path: one for path, one in shown.items() if one[0] != "socket"}
    # A tar has whole seconds.
    whole = {path: (*one[:4], one[4] // 10**9 * 10**9, *one[5:]) for path, one in expected.items()}
    told = overlays.in_tree(after)
    told[""] = (*told[""][:4], whole[""][4], *told[""][5:])  # the root's own time is none of a layer's
    assert told == whole
    for item in changes.items:
        if item.open is not None:
            with item.open() as file:
                assert hashlib.sha256(file.read()).hexdigest() == contents[item.node.path]
    assert changes.opaque == ()


def _paths(changes: Changes) -> list[str]:
    return [item.node.path for item in changes.items]


@needs.root()
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("script", "paths", "whiteouts"),
    [
        (":", [], []),
        ("cat etc/a > /dev/null", [], []),
        ("echo x > etc/a; touch -d @0 etc", ["etc/a"], []),
        ("echo x > etc/sub/deep/x", ["etc/sub/deep/x"], []),
        ("rm etc/a; touch -d @0 etc", [], ["etc/a"]),
        ("rm -r etc/sub; touch -d @0 etc", [], ["etc/sub"]),
        ("rm -r etc/sub; mkdir etc/sub; touch -d @0 etc/sub etc", ["etc/sub"], ["etc/sub/deep", "etc/sub/y"]),
    ],
)  # fmt: skip
def test_no_more_than_what_has_changed(
    tmp_path: Path, form: str, script: str, paths: list[str], whiteouts: list[str]
) -> None:
    changes = FORMS[form](tmp_path, script)[2]
    assert (_paths(changes), list(changes.whiteouts)) == (paths, whiteouts)


@needs.root()
def test_hard_links_are_links_to_the_first_name(tmp_path: Path) -> None:
    changes = _in_overlay(tmp_path, "echo x > z; ln z b; ln z etc/a2")[2]
    links = {
        item.node.path: (item.node.kind, item.node.link) for item in changes.items if item.node.path != "etc"
    }
    assert links == {
        "b": ("file", ""),
        "etc/a2": ("hardlink", "b"),
        "z": ("hardlink", "b"),
    }


@needs.root()
def test_marks_of_fuse_overlayfs(tmp_path: Path) -> None:
    lower, before = _lower(tmp_path)
    upper = tmp_path / "upper"
    (upper / "etc/sub").mkdir(parents=True)
    (upper / "etc/.wh.a").touch()
    (upper / "etc/sub/.wh..wh..opq").touch()
    changes = snapshot.from_upper(upper, before, [lower])
    assert list(changes.whiteouts) == ["etc/a", "etc/sub/deep", "etc/sub/y"]
    assert not [path for path in _paths(changes) if ".wh." in path]


# What is left out in an overlay although it was touched: there the content can be compared.
TOUCHED_ONLY = [
    pytest.param("chmod 644 etc/a; chown 0:0 usr/bin; touch -c -d @0 etc/b", id="as-it-was"),
    pytest.param("exec 3<> etc/a", id="opened-to-be-written"),
    pytest.param("printf one > etc/a; touch -d @0 etc/a", id="written-with-the-same"),
    pytest.param("ln -sfn etc/a link; touch -h -d @0 link . ; chmod 755 .", id="link-made-again"),
    pytest.param("cp -p etc/a etc/c; mv etc/c etc/a; touch -d @0 etc", id="replaced-by-its-copy"),
    pytest.param("mv etc e; cp -pR e etc; rm -r e; touch -d @0 .", id="a-whole-directory-made-again"),
    pytest.param("touch usr/x; rm usr/x; touch -d @0 usr", id="made-and-removed"),
]


@needs.root()
@pytest.mark.parametrize("script", TOUCHED_ONLY)
def test_what_is_as_it_was_is_left_out(tmp_path: Path, script: str) -> None:
    changes = _in_overlay(tmp_path, script)[2]
    assert changes == Changes()


@needs.root()
@pytest.mark.parametrize("form", FORMS)
def test_content_that_changed_under_the_same_size_and_time(tmp_path: Path, form: str) -> None:
    changes = FORMS[form](tmp_path, "printf two > etc/a; touch -d @0 etc/a")[2]
    assert _paths(changes) == ["etc/a"]


@needs.root()
def test_both_forms_give_the_same_layer(tmp_path: Path) -> None:
    """But for two names of one file of a lower layer, of which an overlay makes two files when they change."""
    names = [name for name in SCRIPTS if name not in {"odd-names", "removed"}]
    copies = [f"mkdir in-{name}; cp -pR etc usr bin link empty in-{name}" for name in names]
    script = "".join(
        f"{copy}; (cd in-{name}; {SCRIPTS[name]}); " for copy, name in zip(copies, names, strict=True)
    )
    fixed = script + "find . -exec touch -h -d @9 {} +; find . -type d -exec touch -d @9 {} +"
    tars = []
    for form in FORMS:
        (tmp_path / form).mkdir()
        changes = FORMS[form](tmp_path / form, fixed, NO_TWINS)[2]
        tars.append(hashlib.sha256(b"".join(tar_write.tar_chunks(changes))).hexdigest())
        assert len(changes.items) > 100
    assert tars[0] == tars[1]


@needs.root()
def test_an_upper_directory_that_becomes_a_layer(tmp_path: Path) -> None:
    """The times of its files are finer than the layer says; what is copied up from it is still as it was."""
    upper, before, changes, _, _ = _in_overlay(
        tmp_path, "mkdir d; echo 1 > d/f; ln d/f d/g; chown 7:8 d/f; rm etc/a"
    )
    second = before.copy()
    second.apply(layer_index.of_changes(changes, mtime_s=1_000), 1)
    for name in ("upper2", "work2"):
        (tmp_path / name).mkdir()
    unpack.prepare(tmp_path / "upper2", second)
    lowers = [tmp_path / "lower", upper]
    with overlays.mounted(tmp_path / "merged", lowers, tmp_path / "upper2", tmp_path / "work2") as merged:
        subprocess.run(["sh", "-ec", "exec 3<> d/f 4<> etc/b; echo new > etc/new"], cwd=merged, check=True)
    found = snapshot.from_upper(tmp_path / "upper2", second, lowers)
    assert (_paths(found), found.whiteouts) == (["etc", "etc/new"], ())


@needs.root()
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("script", "names"),
    [
        pytest.param("ln -f etc/a etc/b", {"etc/a", "etc/b"}, id="two-files-become-one"),
        pytest.param(
            "ln -f etc/a etc/one; touch -d @0 etc", {"etc/a", "etc/one"}, id="two-files-alike-become-one"
        ),
        pytest.param("ln etc/a etc/0", {"etc/0", "etc/a"}, id="a-new-name-before-the-old"),
        pytest.param("ln link l2", {"l2", "link"}, id="of-a-symlink"),
        pytest.param("mkfifo p; ln p q", {"p", "q"}, id="of-a-pipe"),
    ],
)
def test_new_names_of_files_that_are_as_they_were(
    tmp_path: Path, form: str, script: str, names: set[str]
) -> None:
    changes = FORMS[form](tmp_path, script)[2]
    after = Tree()
    after.apply(layer_index.of_changes(changes), 0)
    assert set(_paths(changes)) - {"etc"} == names
    assert set(after.names(min(names))) == names


@needs.root()
@pytest.mark.parametrize("form", FORMS)
def test_a_socket_in_place_of_a_file(tmp_path: Path, form: str) -> None:
    script = "rm etc/a; python3 -c 'import socket; socket.socket(1).bind(\"etc/a\")'; touch -d @0 etc"
    changes = FORMS[form](tmp_path, script)[2]
    assert (_paths(changes), list(changes.whiteouts)) == ([], ["etc/a"])


@needs.root()
def test_a_name_that_no_layer_can_hold(tmp_path: Path) -> None:
    changes = _in_overlay(tmp_path, "touch etc/.wh.new; mkdir .wh.d")[2]
    assert {"etc/.wh.new", ".wh.d"} <= set(_paths(changes))
    with pytest.raises(MalformedError, match="would remove a file"):
        b"".join(tar_write.tar_chunks(changes))


@needs.root()
@pytest.mark.parametrize("name", ["trusted.overlay.redirect", "trusted.overlay.metacopy"])
def test_an_overlay_that_keeps_parts_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    lower, before = _lower(tmp_path)
    (tmp_path / "upper/etc").mkdir(parents=True)
    os.setxattr(tmp_path / "upper/etc", name, b"x")
    with pytest.raises(MalformedError, match="incomplete"):
        snapshot.from_upper(tmp_path / "upper", before, [lower])


def test_a_path_that_is_too_long(tmp_path: Path) -> None:
    upper = tmp_path / "upper"
    upper.mkdir()
    place = Path.cwd()
    try:
        os.chdir(upper)
        for _ in range(18):
            os.mkdir("d" * 250)  # noqa: PTH102 - a path of one name at a time
            os.chdir("d" * 250)
    finally:
        os.chdir(place)
    try:
        with pytest.raises(MalformedError, match="too long for a layer"):
            snapshot.from_upper(upper, Tree(), [])
    finally:
        unpack.remove(upper)


def test_too_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "MAX_ENTRIES", 3)
    for number in range(4):
        (tmp_path / str(number)).touch()
    with pytest.raises(LimitError, match="changed over 3 files"):
        snapshot.from_upper(tmp_path, Tree(), [])


def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="cannot be read: No such file"):
        snapshot.from_upper(tmp_path / "none", Tree(), [])
    (tmp_path / "file").touch()
    with pytest.raises(UnavailableError, match="cannot be read: Not a directory"):
        snapshot.stamps(tmp_path / "file")


def test_a_stamp_is_of_an_earlier_tick(tmp_path: Path) -> None:
    """However soon a file is changed in place, to the same size, it shows."""
    before = Tree()
    for number in range(30):
        root = tmp_path / str(number)
        root.mkdir()
        (root / "f").write_bytes(b"a")
        known = (root / "f").stat()
        earlier = snapshot.stamps(root)
        with (root / "f").open("r+b") as file:
            file.write(b"b")
        os.utime(root / "f", ns=(known.st_atime_ns, known.st_mtime_ns))
        assert _paths(snapshot.compare(root, before, earlier)) == ["f"]


@needs.root()
@needs.tool("fuse-overlayfs", "umount")
@pytest.mark.parametrize("name", SCRIPTS)
def test_fuse_overlayfs_gives_the_same(tmp_path: Path, name: str) -> None:
    script = SCRIPTS[name] + "; find . -exec touch -h -d @9 {} +; find . -type d -exec touch -d @9 {} +"
    (tmp_path / "native").mkdir()
    # It takes several names of a file of a lower layer for one, and copies but one of them up.
    native = _in_overlay(tmp_path / "native", script, NO_TWINS)[2]
    lower, before = _lower(tmp_path, NO_TWINS)
    for folder in ("upper", "work", "merged"):
        (tmp_path / folder).mkdir()
    unpack.prepare(tmp_path / "upper", before)
    options = f"lowerdir={lower},upperdir={tmp_path}/upper,workdir={tmp_path}/work"
    done = subprocess.run(
        ["fuse-overlayfs", "-o", options, tmp_path / "merged"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        needs.missing(f"fuse-overlayfs cannot mount: {done.stderr}")
    try:
        subprocess.run(["sh", "-ec", script], cwd=tmp_path / "merged", check=True)
    finally:
        subprocess.run(["umount", tmp_path / "merged"], check=True)
    found = snapshot.from_upper(tmp_path / "upper", before, [lower])
    ours, theirs = (set(layer_index.of_changes(one).entries) for one in (found, native))
    assert ours ^ theirs == set()


USERNS = """
import subprocess, sys
from pathlib import Path
from lading.build import layer_index, snapshot, unpack
from lading.build.index_store import IndexStore
from lading.build.tree import Tree
folder, script = Path(sys.argv[1]), sys.argv[2]
tree = Tree()
for name in ("lower", "upper", "work", "merged"):
    (folder / name).mkdir()
found = unpack.layer(iter([(folder / "base.tar").read_bytes()]), folder / "lower", tree, [])
tree.apply(found.index, 0)
unpack.prepare(folder / "upper", tree)
options = f"userxattr,lowerdir={folder}/lower,upperdir={folder}/upper,workdir={folder}/work"
subprocess.run(["mount", "-t", "overlay", "-o", options, "overlay", folder / "merged"], check=True)
subprocess.run(["sh", "-ec", script], cwd=folder / "merged", check=True)
changes = snapshot.from_upper(folder / "upper", tree, [folder / "lower"])
IndexStore(folder).put("sha256:changes", layer_index.of_changes(changes))
"""


@needs.tool("unshare", "mount")
def test_in_a_user_namespace_owners_that_cannot_be_stay(tmp_path: Path) -> None:
    """One id only: files of others are all ours on disk, and in the layer still theirs."""
    base = Tree()
    entries = [
        Node(path="d", kind=DIRECTORY, mode=0o755, uid=33, gid=33),
        Node(path="d/changed", uid=33, gid=42, size=3),
        Node(path="d/gone", uid=33, size=3),
        Node(path="d/opened", uid=33, size=3),
        Node(path="d/mine", size=3),
        Node(path="made-again", kind=DIRECTORY, mode=0o755, uid=33),
        Node(path="made-again/x", uid=33, size=3),
    ]
    items = [Item(node, lambda: io.BytesIO(b"abc")) for node in entries]
    (tmp_path / "base.tar").write_bytes(b"".join(tar_write.tar_chunks(Changes(items=tuple(items)))))
    script = "echo more >> d/changed; rm d/gone; exec 3<> d/opened; echo 1 > d/mine; rm -r made-again; mkdir made-again; echo y > made-again/y"
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", sys.executable, "-c", USERNS, tmp_path, script],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "unshare failed" in done.stderr or "mount:" in done.stderr:
        needs.missing(f"no overlay in a user namespace: {done.stderr}")
    assert done.stderr == ""
    index = IndexStore(tmp_path).get("sha256:changes")
    assert index is not None
    owners = {node.path: (node.uid, node.gid) for node in index.nodes}
    assert owners == {
        "d": (33, 33), "d/changed": (33, 42), "d/mine": (0, 0), "made-again": (33, 0), "made-again/y": (0, 0)
    }  # fmt: skip
    assert set(index.entries) - set(index.nodes) == {Whiteout("d/gone"), Whiteout("made-again/x")}
    assert len(base) == 1


@needs.root()
def test_random_changes_of_a_flat_tree(tmp_path: Path) -> None:
    """Layers at random, one unpacked over the other: the changes between them make the one of the other."""
    chance = random.Random(3)
    items = whiteouts = 0
    for round_ in range(60):
        root = tmp_path / str(round_)
        root.mkdir()
        before = Tree()
        for number in range(4):
            data = overlays.layer_at_random(chance)
            after = before.copy()
            try:
                after.apply(layer_index.from_tar(iter([data]), "layer"), number)
            except LadingError:
                continue
            earlier = snapshot.stamps(root) if number else {}
            unpack.flat([(iter([data]), "layer")], root, before, number)
            changes = snapshot.compare(root, before, earlier)
            told = before.copy()
            told.apply(layer_index.of_changes(changes), number)
            expected = overlays.in_tree(after)
            assert overlays.in_tree(told) | {"": expected[""]} == expected
            items += len(changes.items)
            whiteouts += len(changes.whiteouts)
            before = after
    assert items > 300
    assert whiteouts > 10
