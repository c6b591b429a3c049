from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import disk
from lading.build import accounts, mode_change, transfer
from lading.build.accounts import Accounts
from lading.build.directory_files import DirectoryFiles
from lading.build.node import DIRECTORY, FILE, SYMLINK, Changes, Node
from lading.build.transfer import Planned
from lading.build.transfer_request import Inline, Request
from lading.build.tree import Tree
from lading.errors import MalformedError, UnavailableError

ACCOUNTS = accounts.read(b"app:x:100:200::/:\n", b"staff:x:50:\n")


@pytest.fixture(name="root")
def _root(tmp_path: Path) -> Path:
    root = tmp_path / "context"
    (root / "d/e").mkdir(parents=True)
    for name in ("a", "b", "d/x", "d/e/y"):
        (root / name).write_text(f"in {name}")
    return root


def _plan(root: Path, *sources: str, target: str = "new", time_ns: int = 0, **more: Any) -> Planned:  # noqa: ANN401
    request = Request(
        name="COPY", sources=sources, target=target.rstrip("/"), is_folder=target.endswith("/"), **more
    )
    return transfer.plan(request, DirectoryFiles(root), disk.nowhere(), time_ns=time_ns)


def _nobody() -> Accounts:
    raise AssertionError("nobody is to be asked")


def _paths(changes: Changes) -> list[str]:
    return [item.node.path for item in changes.items]


def test_what_is_read_makes_the_digest(root: Path) -> None:
    before = _plan(root, "d").digest
    assert _plan(root, "d").digest == before
    (root / "a").write_text("something else")
    assert _plan(root, "d").digest == before
    (root / "d/x").write_text("something else")
    assert _plan(root, "d").digest != before


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"target": "other"}, id="target"),
        pytest.param({"target": "new/"}, id="folder"),
        pytest.param({"chown": "1"}, id="chown"),
        pytest.param({"mode": mode_change.parse("755")}, id="chmod"),
        pytest.param({"link": True}, id="link"),
        pytest.param({"exclude": ("x",)}, id="exclude"),
        pytest.param({"inline": (Inline("x", b""),)}, id="inline"),
    ],
)
def test_flags_make_the_digest(root: Path, more: dict[str, Any]) -> None:
    assert _plan(root, "d", **more).digest != _plan(root, "d").digest


def test_a_directory_on_the_way_is_not_one_that_is_meant(root: Path) -> None:
    ways = [_plan(root, source, parents=True) for source in ("d", "d/*")]
    assert ways[0].digest != ways[1].digest


def test_what_comes_to_the_same_has_the_same_digest(root: Path) -> None:
    assert _plan(root, "./d/").digest == _plan(root, "d").digest
    assert _plan(root, "a*").digest == _plan(root, "a").digest
    modes = [mode_change.parse(text) for text in ("755", "0755")]
    assert _plan(root, "a", mode=modes[0]).digest == _plan(root, "a", mode=modes[1]).digest
    (root / "d").chmod(0o700)
    before = _plan(root, "d").digest
    (root / "d").chmod(0o755)
    assert _plan(root, "d").digest == before


def test_a_name_counts_where_it_becomes_one(root: Path) -> None:
    (root / "b").write_text("in a")
    assert _plan(root, "a").digest != _plan(root, "b").digest


@pytest.mark.parametrize(
    ("chown", "owner"),
    [("", (0, 0)), ("7", (7, 7)), ("7:8", (7, 8)), ("root", (0, 0)), ("root:9", (0, 9)), ("7:", (7, 7))],
)
def test_owners_by_number(root: Path, chown: str, owner: tuple[int, int]) -> None:
    changes = _plan(root, "a", target="deep/a", chown=chown).make(Tree(), _nobody)
    assert {(item.node.uid, item.node.gid) for item in changes.items} == {owner}


@pytest.mark.parametrize(
    ("chown", "owner"), [("app", (100, 200)), ("app:staff", (100, 50)), ("3:staff", (3, 50))]
)
def test_owners_by_name(root: Path, chown: str, owner: tuple[int, int]) -> None:
    changes = _plan(root, "a", chown=chown).make(Tree(), lambda: ACCOUNTS)
    assert (changes.items[0].node.uid, changes.items[0].node.gid) == owner


def test_nobody_of_that_name(root: Path) -> None:
    with pytest.raises(MalformedError, match="there is no user 'nobody'"):
        _plan(root, "a", chown="nobody").make(Tree(), lambda: ACCOUNTS)


def test_the_time_of_what_is_made(root: Path) -> None:
    (root / "a").touch()
    plan = _plan(root, "a", target="deep/", time_ns=5, inline=(Inline("x", b"hello"),))
    changes = plan.make(Tree(), _nobody)
    times = {item.node.path: item.node.mtime_ns for item in changes.items}
    assert times == {"deep": 5, "deep/a": (root / "a").stat().st_mtime_ns, "deep/x": 5}


def test_inline(root: Path) -> None:
    plan = _plan(root, target="etc/motd", inline=(Inline("EOF", b"hello\n"),), chown="1:2")
    (_, item) = plan.make(Tree(), _nobody).items
    assert item.node == Node(path="etc/motd", mode=0o644, uid=1, gid=2, size=6)
    assert item.open is not None
    assert item.open().read() == b"hello\n"


def test_linked_layers_know_nothing_of_the_image(root: Path) -> None:
    tree = Tree()
    tree.add(Node(path="usr", kind=DIRECTORY, mode=0o700), 0)
    tree.add(Node(path="bin", kind=SYMLINK, link="usr"), 0)
    linked = _plan(root, "a", target="bin/", link=True).make(tree, _nobody)
    assert [(one.node.path, one.node.kind) for one in linked.items] == [("bin", DIRECTORY), ("bin/a", FILE)]
    assert _paths(_plan(root, "a", target="bin/").make(tree, _nobody)) == ["usr/a"]
    with_mode = _plan(root, "a", target="bin/", link=True, mode=mode_change.parse("755"))
    assert _paths(with_mode.make(tree, _nobody)) == ["usr/a"]


def test_several_into_one_file(root: Path) -> None:
    for sources in (("a", "b"), ("[ab]",), ("a", "a")):
        with pytest.raises(MalformedError, match="two sources become one file, /new"):
            _plan(root, *sources).make(Tree(), _nobody)
    assert _paths(_plan(root, "d", "d/x").make(Tree(), _nobody)) == ["new", "new/e", "new/e/y", "new/x"]


def test_a_file_may_replace_one_of_a_directory_before_it(root: Path) -> None:
    (root / "x").write_text("mine")
    changes = _plan(root, "d", "x", target="new/").make(Tree(), _nobody)
    (found,) = [item for item in changes.items if item.node.path == "new/x"]
    assert found.open is not None
    with found.open() as file:
        assert file.read() == b"mine"


def test_nothing_fits(root: Path) -> None:
    plan = _plan(root, "*.none", "a", target="new/")
    assert plan.notes == ("nothing fits *.none",)
    assert _paths(plan.make(Tree(), _nobody)) == ["new", "new/a"]


def test_missing(root: Path) -> None:
    with pytest.raises(UnavailableError, match="there is no A in the build context") as caught:
        _plan(root, "A")
    assert caught.value.hint == "did you mean a?"


def test_the_tree_is_left_alone(root: Path) -> None:
    tree = Tree()
    _plan(root, "d").make(tree, _nobody)
    assert len(tree) == 1


def test_two_plans_of_one_request_give_the_same(root: Path) -> None:
    first, second = (_plan(root, ".", target="/").make(Tree(), _nobody) for _ in range(2))
    assert [item.node for item in first.items] == [item.node for item in second.items]
    assert disk.applied(Tree(), root, first) == disk.applied(Tree(), root, second)
