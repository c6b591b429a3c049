"""ADD: what comes from elsewhere, and what is taken apart."""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import disk
import needs
from lading import net
from lading.build import mode_change, transfer
from lading.build.accounts import Accounts
from lading.build.directory_files import DirectoryFiles
from lading.build.elsewhere import Elsewhere
from lading.build.node import DIRECTORY, FILE, Changes, Node
from lading.build.transfer import Planned
from lading.build.transfer_request import Inline, Request
from lading.build.tree import Tree
from lading.errors import DeniedError, LadingError, MalformedError, UnavailableError
from loopback import Exchange, Served, serve

WHEN_NS = 1_600_000_000 * 10**9


def _tar(*names: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as made:
        for name in names:
            member = tarfile.TarInfo(name)
            data = f"in {name}".encode()
            member.size, member.uid, member.mtime = len(data), 9, 3
            made.addfile(member, io.BytesIO(data))
    return out.getvalue()


CONTENTS = {
    "/file.txt": b"text",
    "/a%20b": b"blank",
    "/": b"root",
    "/app.tar.gz": gzip.compress(_tar("bin/app")),
}


def _answer(exchange: Exchange) -> None:
    data = CONTENTS.get(exchange.path.partition("?")[0])
    if data is None:
        exchange.reply(404)
    else:
        exchange.reply(200, data, {"Last-Modified": "Wed, 21 Oct 2015 07:28:00 GMT"})


@pytest.fixture(name="served")
def _served() -> Iterator[Served]:
    with serve(_answer) as served:
        yield served


@pytest.fixture(name="root")
def _root(tmp_path: Path) -> Path:
    root = tmp_path / "context"
    root.mkdir()
    (root / "app.tar").write_bytes(_tar("bin/app", "lib/x"))
    (root / "packed").write_bytes(gzip.compress(_tar("packed/y")))
    (root / "fake.tar.gz").write_bytes(b"no archive")
    (root / "plain").write_text("plain")
    return root


def _plan(root: Path, *sources: str, target: str = "x/", name: str = "ADD", **more: Any) -> Planned:  # noqa: ANN401 - fields of a request
    request = Request(
        name=name, sources=sources, target=target.strip("/"), is_folder=target.endswith("/"), **more
    )
    scratch = root.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    elsewhere = Elsewhere(lambda: net.client(retries=0), scratch)
    return transfer.plan(request, DirectoryFiles(root), elsewhere, time_ns=5)


def _made(plan: Planned) -> Changes:
    return plan.make(Tree(), Accounts)


def _shown(changes: Changes) -> dict[str, bytes]:
    found = {}
    for item in changes.items:
        found[item.node.path] = b""
        if item.open is not None:
            with item.open() as file:
                found[item.node.path] = file.read()
    return found


def test_archives_are_taken_apart(root: Path) -> None:
    changes = _made(_plan(root, "app.tar", "packed", "fake.tar.gz", "plain"))
    assert _shown(changes) == {
        "x": b"", "x/bin": b"", "x/bin/app": b"in bin/app", "x/fake.tar.gz": b"no archive", "x/lib": b"",
        "x/lib/x": b"in lib/x", "x/packed": b"", "x/packed/y": b"in packed/y", "x/plain": b"plain",
    }  # fmt: skip
    owners = {item.node.path: (item.node.uid, item.node.mtime_ns) for item in changes.items}
    assert owners["x/bin/app"] == (9, 3 * 10**9)
    assert owners["x/bin"] == (0, 5)


def test_the_target_is_a_directory_whatever_it_looks_like(root: Path) -> None:
    assert "x/bin/app" in _shown(_made(_plan(root, "app.tar", target="x")))
    tree = Tree()
    tree.add(Node(path="x"), 0)
    plan = _plan(root, "app.tar", target="x")
    with pytest.raises(MalformedError, match="/x is no directory"):
        plan.make(tree, Accounts)


def test_owners_and_modes(root: Path) -> None:
    changes = _made(_plan(root, "app.tar", "plain", chown="7:8", mode=mode_change.parse("711")))
    nodes = {item.node.path: item.node for item in changes.items}
    assert {(node.uid, node.gid) for path, node in nodes.items() if path not in {"x/bin", "x/lib"}} == {
        (7, 8)
    }
    assert (oct(nodes["x/plain"].mode), oct(nodes["x/bin/app"].mode)) == ("0o711", "0o644")


@pytest.mark.parametrize(("name", "unpack"), [("COPY", None), ("ADD", False)])
def test_archives_that_stay(root: Path, name: str, unpack: bool | None) -> None:  # noqa: FBT001 - a column of the table
    assert list(_shown(_made(_plan(root, "app.tar", name=name, unpack=unpack)))) == ["x", "x/app.tar"]


def test_the_digest_of_an_archive(root: Path) -> None:
    before = _plan(root, "app.tar").digest
    assert _plan(root, "app.tar", unpack=False).digest != before
    (root / "app.tar").chmod(0o600)
    assert _plan(root, "app.tar").digest == before
    (root / "app.tar").write_bytes(_tar("bin/app", "lib/y"))
    assert _plan(root, "app.tar").digest != before


def test_a_broken_archive(root: Path) -> None:
    (root / "app.tar").write_bytes(_tar("bin/app", "lib/x")[:1700])
    with pytest.raises(MalformedError, match=r"^app\.tar: "):
        _made(_plan(root, "app.tar"))
    (root / "app.tar").write_bytes(_tar("a", "../b"))
    with pytest.raises(MalformedError, match=r"^app.tar: .*leads above the root"):
        _made(_plan(root, "app.tar"))


def test_files_from_elsewhere(root: Path, served: Served) -> None:
    changes = _made(
        _plan(root, f"{served.url}/file.txt?x=1", f"{served.url}/a%20b", f"{served.url}/app.tar.gz")
    )
    shown = _shown(changes)
    assert list(shown) == ["x", "x/a b", "x/app.tar.gz", "x/file.txt"]
    assert shown["x/file.txt"] == b"text"
    node = changes.items[-1].node
    assert (node.mode, node.uid, node.mtime_ns) == (0o600, 0, 1_445_412_480 * 10**9)
    assert (
        _made(_plan(root, f"{served.url}/file.txt", mode=mode_change.parse("644"))).items[1].node.mode
        == 0o644
    )


def test_a_file_from_elsewhere_is_none_of_the_dockerfile(root: Path, served: Served) -> None:
    written = _plan(root, inline=(Inline("file.txt", b"text"),))
    assert written.digest != _plan(root, f"{served.url}/file.txt").digest


def test_names_from_elsewhere(root: Path, served: Served) -> None:
    assert list(_shown(_made(_plan(root, f"{served.url}/", target="y")))) == ["y"]
    with pytest.raises(MalformedError, match="the URL names no file"):
        _made(_plan(root, f"{served.url}/", target="y/"))
    digests = {_plan(root, f"{served.url}/{path}").digest for path in ("file.txt", "file.txt?x", "")}
    assert len(digests) == 2


def test_archives_from_elsewhere_are_taken_apart_when_asked_for(root: Path, served: Served) -> None:
    changes = _made(_plan(root, f"{served.url}/app.tar.gz", f"{served.url}/file.txt", unpack=True))
    assert list(_shown(changes)) == ["x", "x/bin", "x/bin/app", "x/file.txt"]


def test_checksums(root: Path, served: Served) -> None:
    right = "sha256:982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1"
    plan = _plan(root, f"{served.url}/file.txt", checksum=right)
    assert served.log == []
    assert plan.digest == _plan(root, f"{served.url}/file.txt").digest
    assert _shown(_made(plan))["x/file.txt"] == b"text"
    with pytest.raises(MalformedError, match="not sha256:0000"):
        _made(_plan(root, f"{served.url}/file.txt", checksum="sha256:" + "0" * 64))


@pytest.mark.parametrize(
    ("sources", "more", "words"),
    [
        (["http://h/x"], {"name": "COPY"}, "http://h/x: COPY takes no URLs"),
        (["https://u:secret@h/r.git"], {"name": "COPY"}, "https://h/r.git: COPY takes no URLs"),
        (["plain"], {"checksum": "sha256:" + "0" * 64}, "--checksum is for URLs"),
        (["http://h/x", "http://h/y"], {"checksum": "sha256:" + "0" * 64}, "--checksum is for one source"),
        (["http://h/x"], {"checksum": "sha256:" + "0" * 64, "inline": (Inline("a", b""),)}, "for one source"),
        (["http://h/x"], {"checksum": "md5:0"}, "not the digest of a file"),
        (["https://h/r.git"], {"checksum": "sha256:0"}, "not the hash of a commit"),
        (["https://h/r.git?checksum=ab"], {"checksum": "cd"}, "is not what the URL says"),
        (["https://h/r.git?keep-git-dir"], {"keep_git": False}, "--keep-git-dir is not what the URL says"),
        (["https://h/r.git?x=y"], {}, "has no 'x'"),
    ],
)
def test_wrong(root: Path, sources: list[str], more: dict[str, Any], words: str) -> None:
    with pytest.raises(MalformedError, match=words.replace("?", r"\?")) as caught:
        _plan(root, *sources, **more)
    assert "secret" not in str(caught.value)


def test_not_found(root: Path, served: Served) -> None:
    with pytest.raises(UnavailableError, match="not found"):
        _plan(root, f"{served.url}/none")


def _git(folder: Path, *arguments: str) -> str:
    when = f"{WHEN_NS // 10**9} +0000"
    environ = {
        **os.environ, "GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when, "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b",
        "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b",
    }  # fmt: skip
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env=environ, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture(name="repo")
def _repo(tmp_path: Path) -> Iterator[str]:
    """Give the URL of a repository, served as plain files."""
    work = tmp_path / "work"
    (work / "docs").mkdir(parents=True)
    (work / "docs/page").write_text("page")
    (work / "run").write_text("#!")
    (work / "run").chmod(0o755)
    _git(work, "init", "-q", "-b", "main")
    _git(work, "add", "-A")
    _git(work, "commit", "-q", "-m", "m")
    _git(work, "tag", "-a", "-m", "v", "v1")
    _git(tmp_path, "clone", "-q", "--bare", "work", "r.git")
    _git(tmp_path / "r.git", "update-server-info")

    def answer(exchange: Exchange) -> None:
        path = tmp_path / exchange.path.partition("?")[0].lstrip("/")
        if path.is_file():
            exchange.reply(200, path.read_bytes())
        else:
            exchange.reply(404)

    with serve(answer) as served:
        yield f"{served.url}/r.git"


@needs.tool("git")
def test_repositories(root: Path, repo: str) -> None:
    changes = _made(_plan(root, repo))
    assert _shown(changes) == {"x": b"", "x/docs": b"", "x/docs/page": b"page", "x/run": b"#!"}
    assert [(oct(one.node.mode), one.node.uid, one.node.mtime_ns) for one in changes.items[1:]] == [
        ("0o755", 0, WHEN_NS), ("0o644", 0, WHEN_NS), ("0o755", 0, WHEN_NS),
    ]  # fmt: skip
    assert list(_shown(_made(_plan(root, f"{repo}#v1:docs", target="y")))) == ["y", "y/page"]
    assert list(_shown(_made(_plan(root, repo, exclude=("docs",))))) == ["x", "x/run"]
    with_git = _shown(_made(_plan(root, repo, keep_git=True)))
    assert "x/.git/HEAD" in with_git


@needs.tool("git")
def test_repositories_are_fetched_only_for_a_layer(root: Path, repo: str) -> None:
    plans = [_plan(root, f"{repo}{ref}") for ref in ("", "#main", "#v1", "#refs/tags/v1")]
    assert len({plan.digest for plan in plans}) == 1
    assert list((root.parent / "scratch").iterdir()) == []
    assert _plan(root, f"{repo}#:docs").digest != plans[0].digest
    assert _plan(root, repo, exclude=("docs",)).digest != plans[0].digest
    assert _plan(root, repo, keep_git=True).digest != plans[0].digest


@needs.tool("git")
def test_a_branch_that_moves_on_before_it_is_fetched(root: Path, repo: str) -> None:
    plan = _plan(root, repo)
    work = root.parent / "work"
    _git(work, "commit", "-q", "--allow-empty", "-m", "n")
    _git(work, "push", "-q", "../r.git", "main")
    _git(root.parent / "r.git", "update-server-info")
    with pytest.raises(MalformedError, match=r"^\S+: HEAD is commit \w+, not "):
        _made(plan)


@needs.tool("git")
def test_a_commit_that_is_named_needs_no_network(root: Path) -> None:
    commit = "ab" * 20
    assert _plan(root, f"http://127.0.0.1:9/r.git#{commit}").digest
    with pytest.raises((UnavailableError, DeniedError)):
        _plan(root, "http://127.0.0.1:9/r.git#main")


@needs.tool("git")
def test_the_checksum_of_a_commit(root: Path, repo: str) -> None:
    commit = _git(root.parent / "work", "rev-parse", "HEAD")
    assert _made(_plan(root, repo, checksum=commit[:9]))
    with pytest.raises(MalformedError, match=f"HEAD is commit {commit}, not 00"):
        _plan(root, repo, checksum="00")


@needs.tool("git")
def test_no_such_folder(root: Path, repo: str) -> None:
    with pytest.raises(LadingError, match="there is no directory none"):
        _made(_plan(root, f"{repo}#main:none"))


def test_kinds(root: Path) -> None:
    assert [item.node.kind for item in _made(_plan(root, "app.tar")).items] == [
        DIRECTORY,
        DIRECTORY,
        FILE,
        DIRECTORY,
        FILE,
    ]
    assert disk.nowhere().scratch == Path("/nowhere")
