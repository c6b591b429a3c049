"""Archives taken apart as Docker does it: its own library unpacks on the disk, and the layer has to come to the same."""

from __future__ import annotations

import io
import os
import random
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import disk
import needs
from lading.build import archive, unpacking
from lading.build.node import DIRECTORY, FILE, HARDLINK, SYMLINK, Changes, Node
from lading.build.placing import Owned, Placing
from lading.build.tree import Tree
from lading.errors import LadingError, MalformedError

Ask = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]
Made = list[tuple[str, bytes, str]]
SEED = 20261130


def _tar(members: Made, path: Path) -> None:
    with tarfile.open(path, "w") as made:
        for number, (name, kind, more) in enumerate(members):
            member = tarfile.TarInfo(name)
            member.type = kind
            # Names of one file say the same of it: where they do not, Docker takes what the last one says.
            differs = kind not in {tarfile.REGTYPE, tarfile.LNKTYPE}
            member.uid, member.gid = number % 3 if differs else 2, 1
            member.mode = [0o755, 0o700, 0o2711][number % 3] if differs else 0o4711
            if kind == tarfile.REGTYPE:
                data = f"{more} {number}".encode()
                member.size = len(data)
                made.addfile(member, io.BytesIO(data))
            else:
                member.linkname = more
                made.addfile(member)


def _unpacked(path: Path, tree: Tree, target: str = "", owner: tuple[int, int] | None = None) -> Changes:
    placing = Placing(tree)
    with path.open("rb") as file:
        entries = archive.read(io.BytesIO(file.read()), path.name, path.parent)
    unpacking.unpack(entries, placing, target, Owned(owner=owner, time_ns=5), 0)
    return placing.changes()


def _changes(members: Made, tmp_path: Path, *nodes: Node, target: str = "") -> list[tuple[str, str, str]]:
    tree = Tree()
    for node in nodes:
        tree.add(node, 0)
    _tar(members, tmp_path / "a.tar")
    found = _unpacked(tmp_path / "a.tar", tree, target)
    return [(item.node.path, item.node.kind, item.node.link) for item in found.items]


def test_where_things_go(tmp_path: Path) -> None:
    members = [
        ("./", tarfile.DIRTYPE, ""),
        ("a/b/c", tarfile.REGTYPE, ""),
        ("/abs", tarfile.SYMTYPE, "/etc"),
        ("abs/x", tarfile.REGTYPE, ""),
        ("hard", tarfile.LNKTYPE, "a/b/c"),
    ]
    assert _changes(members, tmp_path, Node(path="app", kind=DIRECTORY, mode=0o700), target="app") == [
        ("app/a", DIRECTORY, ""),
        ("app/a/b", DIRECTORY, ""),
        ("app/a/b/c", FILE, ""),
        ("app/abs", SYMLINK, "/etc"),
        ("app/etc", DIRECTORY, ""),
        ("app/etc/x", FILE, ""),
        ("app/hard", HARDLINK, "app/a/b/c"),
    ]


def test_symlinks_of_the_image_stay_in_the_directory(tmp_path: Path) -> None:
    """Whatever lies in the image: what is unpacked at /app does not get out of it."""
    there = [Node(path="app", kind=DIRECTORY), Node(path="app/out", kind=SYMLINK, link="../../etc")]
    assert _changes([("out/passwd", tarfile.REGTYPE, "")], tmp_path, *there, target="app") == [
        ("app/etc", DIRECTORY, ""),
        ("app/etc/passwd", FILE, ""),
    ]


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ([("a", tarfile.LNKTYPE, "none")], "which is no file that the archive has before it"),
        ([("a", tarfile.LNKTYPE, "b"), ("b", tarfile.REGTYPE, "")], "which is no file"),
        (
            [("d/a", tarfile.REGTYPE, ""), ("d", tarfile.REGTYPE, ""), ("h", tarfile.LNKTYPE, "d/a")],
            "which is no file",
        ),
        ([("a", tarfile.REGTYPE, ""), ("a/b", tarfile.REGTYPE, "")], "/a is no directory"),
        ([("a", tarfile.SYMTYPE, "a"), ("a/b", tarfile.REGTYPE, "")], "too many symlinks"),
        ([("../a", tarfile.REGTYPE, "")], "leads above the root"),
    ],
)
def test_impossible(tmp_path: Path, members: Made, words: str) -> None:
    with pytest.raises(MalformedError, match=words):
        _changes(members, tmp_path)


def test_a_hard_link_to_a_file_of_the_image_only(tmp_path: Path) -> None:
    with pytest.raises(MalformedError, match="which is no file that the archive has"):
        _changes([("a", tarfile.LNKTYPE, "old")], tmp_path, Node(path="old"))


def test_times_and_owners(tmp_path: Path) -> None:
    _tar([("d/file", tarfile.REGTYPE, "")], tmp_path / "a.tar")
    found = _unpacked(tmp_path / "a.tar", Tree(), owner=(7, 8))
    assert [(one.node.path, one.node.uid, one.node.gid, one.node.mtime_ns) for one in found.items] == [
        ("d", 0, 0, 5),
        ("d/file", 7, 8, 0),
    ]


def _chance(source: random.Random) -> Made:
    names = ["a", "b", "a/b", "a/c", "b/c", "a/b/c", "./d", "d/e", "link", "link/x", "b/"]
    kinds = [
        tarfile.REGTYPE,
        tarfile.REGTYPE,
        tarfile.DIRTYPE,
        tarfile.DIRTYPE,
        tarfile.SYMTYPE,
        tarfile.LNKTYPE,
    ]
    links = ["a", "/b", "../a", "b/c", "a/b", "/", ".", "d/e", "a/c"]
    return [
        (source.choice(names), source.choice(kinds), source.choice(links))
        for _ in range(source.randint(1, 10))
    ]


def _target(root: Path, source: random.Random) -> None:
    for name in ("a", "b", "d"):
        kind = source.choice(["", "file", "folder", "link"])
        if kind == "file":
            (root / name).write_text(f"old {name}")
        elif kind == "link":
            (root / name).symlink_to(source.choice(["/b", "a", "none", "../d"]))
        elif kind:
            (root / name / "b").mkdir(parents=True)
            (root / name / "c").write_text("old c")
            os.chown(root / name, 5, 6)
            (root / name).chmod(0o710)


@needs.tool("go")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away, and changes its root")
def test_docker(ask_docker: Ask, tmp_path: Path) -> None:
    source = random.Random(SEED)
    questions: list[dict[str, Any]] = []
    mine: list[disk.Shown | str] = []
    for number in range(500):
        place = tmp_path / f"to{number}"
        place.mkdir()
        _target(place, source)
        path = tmp_path / f"{number}.tar"
        _tar(_chance(source), path)
        owner = source.choice([None, (3, 4)])
        before = disk.tree(place)
        try:
            mine.append(disk.applied(before, place, _unpacked(path, before, owner=owner)))
        except LadingError as error:
            mine.append(str(error))
        questions.append(
            {"kind": "unpack", "from": str(path), "to": str(place), "owner": owner and list(owner)}
        )
    differing: dict[str, Any] = {}
    taken = 0
    for question, own, answer in zip(questions, mine, ask_docker(questions), strict=True):
        theirs = disk.on_disk(Path(question["to"]))
        if isinstance(own, str) or answer["error"]:
            if not _is_on_purpose(own, answer["error"]):
                differing[question["from"]] = (own, answer["error"])
        elif own != theirs:
            keys = [key for key in {*own, *theirs} if own.get(key) != theirs.get(key)]
            differing[question["from"]] = {key: (own.get(key), theirs.get(key)) for key in keys}
        else:
            taken += 1
    assert differing == {}
    assert taken > 80


def _is_on_purpose(own: disk.Shown | str, error: str) -> bool:
    """Whether one refuses what the other takes.

    Ours refuses a hard link to what lies in the image only, of which it would have to make a copy. Theirs stumbles
    over symlinks that lead nowhere, and over directories that a later entry has replaced.
    """
    if isinstance(own, str):
        return bool(error) or "which is no file that the archive has" in own
    return error.endswith(("no such file or directory", "file exists"))
