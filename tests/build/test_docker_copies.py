"""COPY as BuildKit does it: its own library copies on the disk, and the layer has to come to the same."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import disk
import needs
from lading.build import mode_change, transfer
from lading.build.accounts import Accounts
from lading.build.directory_files import DirectoryFiles
from lading.build.transfer_request import Request
from lading.errors import LadingError

Ask = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]

pytestmark = [needs.tool("go"), pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")]

SEED = 20261129


def _sources(root: Path) -> None:
    (root / "d/e/f").mkdir(parents=True)
    (root / "d2").mkdir(mode=0o700)
    (root / "empty").mkdir()
    for number, name in enumerate(
        ["a", "b", "app.go", "d/x.txt", "d/y.md", "d/e/x.txt", "d/e/f/z", "d2/x.txt", "d2/a"]
    ):
        (root / name).write_text(f"{name} new")
        (root / name).chmod([0o644, 0o755, 0o600, 0o4755][number % 4])
    (root / "link").symlink_to("d/x.txt")
    (root / "linkd").symlink_to("/d")
    (root / "up").symlink_to("../../../a")
    (root / "d/inner").symlink_to("nowhere")
    (root / "d/e").chmod(0o2750)
    os.link(root / "d/x.txt", root / "d/same")
    os.link(root / "d/x.txt", root / "d/e/same")


def _target(root: Path) -> None:
    (root / "usr/lib").mkdir(parents=True)
    (root / "app/e").mkdir(parents=True)
    (root / "app/x.txt").write_text("old")
    (root / "app/e/old").write_text("old")
    (root / "app").chmod(0o710)
    os.chown(root / "app", 3, 4)
    os.chown(root / "app/e", 5, 6)
    (root / "lib").symlink_to("usr/lib")
    (root / "abs").symlink_to("/app")
    (root / "dangling").symlink_to("/made/here")
    (root / "tofile").symlink_to("app/x.txt")
    (root / "file").write_text("old")
    (root / "app/d").write_text("in the way")


CASES: list[dict[str, Any]] = [
    {"sources": ["a"], "target": "/new"},
    {"sources": ["a"], "target": "/new/"},
    {"sources": ["a"], "target": "/new/deep/b"},
    {"sources": ["a"], "target": "/app"},
    {"sources": ["a"], "target": "/"},
    {"sources": ["a", "b"], "target": "/app/"},
    {"sources": ["d"], "target": "/app"},
    {"sources": ["d/"], "target": "/new"},
    {"sources": ["d/."], "target": "/new/"},
    {"sources": ["d"], "target": "/"},
    {"sources": ["d", "d2"], "target": "/new"},
    {"sources": ["."], "target": "/app"},
    {"sources": ["."], "target": "/new"},
    {"sources": ["/../../d"], "target": "/new"},
    {"sources": ["link"], "target": "/new/"},
    {"sources": ["linkd"], "target": "/new/"},
    {"sources": ["linkd/e"], "target": "/new/"},
    {"sources": ["up"], "target": "/new/"},
    {"sources": ["d"], "target": "/lib/x"},
    {"sources": ["a"], "target": "/lib"},
    {"sources": ["a"], "target": "/abs/"},
    {"sources": ["a"], "target": "/dangling"},
    {"sources": ["a"], "target": "/dangling/"},
    {"sources": ["a"], "target": "/tofile"},
    {"sources": ["a"], "target": "/file/x"},
    {"sources": ["d"], "target": "/file"},
    {"sources": ["a"], "target": "/app/../b"},
    {"sources": ["*"], "target": "/new/"},
    {"sources": ["*.go"], "target": "/new"},
    {"sources": ["d*"], "target": "/new"},
    {"sources": ["d/*"], "target": "/new/"},
    {"sources": ["*/x.txt"], "target": "/new/"},
    {"sources": ["d*/*.txt"], "target": "/app/"},
    {"sources": ["l*"], "target": "/new/"},
    {"sources": ["none*"], "target": "/new/"},
    {"sources": ["none"], "target": "/new/"},
    {"sources": ["none/*"], "target": "/new/"},
    {"sources": ["empty"], "target": "/new/"},
    {"sources": ["empty/*"], "target": "/new/"},
    {"sources": ["."], "target": "/new", "exclude": ["*.txt"]},
    {"sources": ["."], "target": "/new", "exclude": ["**/*.txt", "d2"]},
    {"sources": ["."], "target": "/new", "exclude": ["d", "!d/e/f"]},
    {"sources": ["d"], "target": "/app", "exclude": ["e", "!**/z"]},
    {"sources": ["*.txt"], "target": "/new/", "exclude": ["*"]},
    {"sources": ["."], "target": "/new", "include": ["d/e/f/z"]},
    {"sources": ["."], "target": "/new/", "include": ["d/e"]},
    {"sources": ["."], "target": "/new", "include": ["**/x.txt"]},
    {"sources": ["."], "target": "/", "include": ["*/*.txt"], "exclude": ["d2"]},
    {"sources": ["."], "target": "/new", "owner": [7, 8]},
    {"sources": ["a"], "target": "/new/deep/", "owner": [7, 8]},
    {"sources": ["d"], "target": "/app", "owner": [7, 8]},
    {"sources": ["a"], "target": "/new", "chmod": "640"},
    {"sources": ["d"], "target": "/app2/", "chmod": "u+x,go=u-w"},
    {"sources": ["."], "target": "/", "chmod": "go-rwx", "owner": [1, 0]},
]


def _mine(question: dict[str, Any], time_ns: int = 0) -> transfer.Planned:
    owner = question.get("owner")
    chmod = question.get("chmod")
    target = question["target"]
    include = question.get("include")
    sources = question["sources"]
    if include:  # a pattern is what stands behind the pivot
        sources = [f"{source}/./{pattern}" for source in sources for pattern in include]
    request = Request(
        name="COPY",
        sources=tuple(sources),
        target=os.path.normpath(target).strip("/"),
        is_folder=target.endswith("/"),
        chown=":".join(map(str, owner)) if owner else "",
        mode=mode_change.parse(chmod) if chmod else None,
        parents=bool(include),
        exclude=tuple(question.get("exclude", ())),
    )
    return transfer.plan(request, DirectoryFiles(question["from"]), disk.nowhere(), time_ns=time_ns)


def _result(question: dict[str, Any], place: Path) -> disk.Shown | str:
    before = disk.tree(place)
    try:
        changes = _mine(question).make(before, Accounts)
    except LadingError as error:
        return str(error)
    return disk.applied(before, place, changes)


def _compared(ask: Ask, cases: list[dict[str, Any]], tmp_path: Path) -> tuple[dict[str, Any], int]:
    """Return where the two differ, and how often both refuse."""
    source = tmp_path / "source"
    source.mkdir()
    _sources(source)
    questions, mine = [], []
    for number, case in enumerate(cases):
        place = tmp_path / str(number)
        place.mkdir()
        _target(place)
        question = {"kind": "copy", "from": str(source), "to": str(place), **case}
        mine.append(_result(question, place))
        questions.append(question)
    differing: dict[str, Any] = {}
    refused = 0
    for number, (case, answer) in enumerate(zip(cases, ask(questions), strict=True)):
        theirs = disk.on_disk(tmp_path / str(number))
        own = mine[number]
        if answer["error"] or isinstance(own, str):
            refused += 1
            if not (answer["error"] and isinstance(own, str)):
                differing[str(case)] = (own if isinstance(own, str) else "taken", answer["error"])
        elif own != theirs:
            keys = [key for key in {*own, *theirs} if own.get(key) != theirs.get(key)]
            differing[str(case)] = {key: (own.get(key), theirs.get(key)) for key in keys}
        shutil.rmtree(tmp_path / str(number))
    return differing, refused


def test_cases(ask_docker: Ask, tmp_path: Path) -> None:
    differing, refused = _compared(ask_docker, CASES, tmp_path)
    assert differing == {}
    assert refused == 6


def _grow(root: Path, source: random.Random, ids: list[int]) -> None:
    """Fill a directory by chance."""
    folders = [root]
    for _ in range(source.randint(0, 14)):
        path = source.choice(folders) / source.choice(["a", "b", "c", "d", "x.txt", "y.txt"])
        if path.exists() or path.is_symlink():
            continue
        kind = source.choice(["folder", "folder", "file", "file", "link", "twin"])
        if kind == "folder":
            path.mkdir(source.choice([0o755, 0o700, 0o2775]))
            folders.append(path)
        elif kind == "link":
            path.symlink_to(source.choice(["a", "/b", "../c", "x.txt", "/a/b", "..", ".", "/d/none"]))
            continue
        elif kind == "twin" and (
            others := [one for one in root.rglob("*") if one.is_file() and not one.is_symlink()]
        ):
            os.link(source.choice(others), path)
            continue
        else:
            path.write_text(f"{path.name} in {root.name}")
            path.chmod(source.choice([0o644, 0o755, 0o600, 0o4755]))
        os.chown(path, source.choice(ids), source.choice(ids))
        path.chmod(path.stat().st_mode)


def _chance(source: random.Random) -> dict[str, Any]:
    case: dict[str, Any] = {
        "sources": source.choices(["a", "b", ".", "*", "a/*", "*/x.txt", "c/d", "./b/.", "d/..", "x*", "[ab]", "*/*"], k=source.choice([1, 1, 2])),
        "target": source.choice(["/", "/a", "/b/", "/new", "/new/", "/a/b", "/a/b/", "/x.txt", "/c/../d", "/new/a/b"]),
    }  # fmt: skip
    if source.random() < 0.3:
        case["exclude"] = source.choices(["*.txt", "a", "**/a", "!a/b", "*", "!**/x.txt", "b/*", "c/**"], k=2)
    if source.random() < 0.2:
        case["include"] = [source.choice(["*.txt", "a", "a/b", "**/x.txt", "b/*", "*/*/a", "**"])]
        case["sources"] = case["sources"][:1]
    if source.random() < 0.3:
        case["owner"] = [source.randint(0, 3), source.randint(0, 3)]
    if source.random() < 0.3:
        case["chmod"] = source.choice(["755", "u+x", "go=u-w", "a=rX"])
    return case


def _is_on_purpose(question: dict[str, Any], own: object) -> bool:
    """Whether we refuse what the library takes: BuildKit looks for paths with --parents elsewhere, and loses a file."""
    is_missing = "include" in question and str(own).startswith("there is no ")
    return is_missing or str(own).startswith("two sources become one file")


def test_by_chance(ask_docker: Ask, tmp_path: Path) -> None:
    source = random.Random(SEED)
    questions, mine = [], []
    for number in range(400):
        for name in ("from", "to"):
            (tmp_path / name / str(number)).mkdir(parents=True)
        here, place = tmp_path / "from" / str(number), tmp_path / "to" / str(number)
        _grow(here, source, [0])
        _grow(place, source, [0, 1, 2])
        question = {"kind": "copy", "from": str(here), "to": str(place), **_chance(source)}
        questions.append(question)
        mine.append(_result(question, place))
    differing: dict[str, Any] = {}
    taken = 0
    for question, own, answer in zip(questions, mine, ask_docker(questions), strict=True):
        theirs = disk.on_disk(Path(question["to"]))
        if answer["error"] or isinstance(own, str):
            if not (answer["error"] and isinstance(own, str)) and not _is_on_purpose(question, own):
                differing[str(question)] = (own if isinstance(own, str) else "taken", answer["error"])
        elif own != theirs:
            keys = [key for key in {*own, *theirs} if own.get(key) != theirs.get(key)]
            differing[str(question)] = {key: (own.get(key), theirs.get(key)) for key in keys}
        else:
            taken += 1
    assert differing == {}
    assert taken > 150
