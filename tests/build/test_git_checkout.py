from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import needs
from lading.build import git_checkout, git_reference
from lading.build.git_checkout import Checkout
from lading.errors import MalformedError, UnavailableError

pytestmark = needs.tool("git")
WHEN = "1600000000 +0200"
TIME_NS = 1_600_000_000 * 10**9


def _git(folder: Path, *arguments: str) -> str:
    environ = {
        **os.environ, "GIT_AUTHOR_DATE": WHEN, "GIT_COMMITTER_DATE": WHEN, "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b",
    }  # fmt: skip
    argv = ["git", "-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always", *arguments]
    return subprocess.run(
        argv, cwd=folder, env=environ, check=True, capture_output=True, text=True
    ).stdout.strip()


def _commit(folder: Path, **contents: str) -> str:
    for name, text in contents.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    _git(folder, "add", "-A")
    _git(folder, "commit", "-q", "-m", "m", "--allow-empty")
    return _git(folder, "rev-parse", "HEAD")


@pytest.fixture(name="repo")
def _repo(tmp_path: Path) -> Path:
    repo = tmp_path / "repo"
    repo.mkdir()
    _git(repo, "init", "-q")
    _commit(repo, file="first", sub__inner="inner")
    _git(repo, "tag", "v1")
    (repo / "run").write_text("#!")
    (repo / "run").chmod(0o755)
    (repo / "link").symlink_to("file")
    _commit(repo, file="second")
    _git(repo, "checkout", "-q", "-b", "other")
    _commit(repo, file="other")
    _git(repo, "tag", "-a", "-m", "m", "annotated")
    _git(repo, "checkout", "-q", "main")
    return repo


@pytest.fixture(name="scratch")
def _scratch(tmp_path: Path) -> Path:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return scratch


def _out(
    repo: Path, scratch: Path, fragment: str = "", *, keep_git: bool = False, checksum: str = ""
) -> Checkout:
    reference = git_reference.local(str(repo), fragment)
    if checksum:
        import msgspec

        reference = msgspec.structs.replace(reference, checksum=checksum)
    return git_checkout.checkout(reference, scratch, keep_git=keep_git, is_local=True)


@pytest.mark.parametrize(
    ("ref", "content"),
    [
        ("", "second"),
        ("main", "second"),
        ("v1", "first"),
        ("refs/tags/v1", "first"),
        ("annotated", "other"),
        ("other", "other"),
        ("refs/heads/other", "other"),
        ("heads/other", "other"),
    ],
)
def test_refs(repo: Path, scratch: Path, ref: str, content: str) -> None:
    assert (_out(repo, scratch, ref).directory / "file").read_text() == content


def test_a_branch_goes_before_a_tag(repo: Path, scratch: Path) -> None:
    _git(repo, "branch", "v1", "other")
    assert (_out(repo, scratch, "v1").directory / "file").read_text() == "other"


def test_what_comes_out(repo: Path, scratch: Path) -> None:
    found = _out(repo, scratch)
    assert not (found.directory / ".git").exists()
    assert sorted(path.name for path in found.directory.iterdir()) == ["file", "link", "run", "sub"]
    assert [oct((found.directory / name).stat().st_mode)[-3:] for name in ("file", "run", "sub", "")] == [
        "644", "755", "755", "755",
    ]  # fmt: skip
    assert str((found.directory / "link").readlink()) == "file"
    assert found.commit == _git(repo, "rev-parse", "HEAD")
    assert found.time_ns == TIME_NS


def test_git_may_stay(repo: Path, scratch: Path) -> None:
    found = _out(repo, scratch, keep_git=True)
    assert (found.directory / ".git").is_dir()
    assert _git(found.directory, "rev-parse", "HEAD") == found.commit


def test_a_folder(repo: Path, scratch: Path) -> None:
    found = _out(repo, scratch, ":sub", keep_git=True)
    assert [path.name for path in found.directory.iterdir()] == ["inner"]
    for folder in ("none", "file", "sub/inner"):
        with pytest.raises(UnavailableError, match=f"there is no directory {folder}"):
            _out(repo, scratch, f":{folder}")


def test_a_folder_that_leads_out(repo: Path, scratch: Path) -> None:
    (repo / "out").symlink_to("/etc")
    _commit(repo)
    with pytest.raises(UnavailableError, match="there is no directory out"):
        _out(repo, scratch, ":out")


@pytest.mark.parametrize("allowed", [True, False])
def test_by_hash(repo: Path, scratch: Path, *, allowed: bool) -> None:
    """Also where the server gives none that no branch ends with."""
    _git(repo, "config", "uploadpack.allowAnySHA1InWant", str(allowed).lower())
    first = _git(repo, "rev-parse", "v1")
    _git(repo, "tag", "-d", "v1")
    found = _out(repo, scratch, first)
    assert (found.commit, (found.directory / "file").read_text()) == (first, "first")


def test_checksum(repo: Path, scratch: Path) -> None:
    commit = _git(repo, "rev-parse", "main")
    assert _out(repo, scratch, "main", checksum=commit[:7]).commit == commit
    other = _git(repo, "rev-parse", "other")
    with pytest.raises(MalformedError, match=f"main is commit {commit}, not {other}"):
        _out(repo, scratch, "main", checksum=other)


def test_submodules(repo: Path, scratch: Path, tmp_path: Path) -> None:
    module = tmp_path / "module"
    module.mkdir()
    _git(module, "init", "-q")
    _commit(module, of="the module")
    _git(repo, "submodule", "add", "-q", str(module), "deep")
    _commit(repo)
    found = _out(repo, scratch)
    assert (found.directory / "deep/of").read_text() == "the module"
    assert not (found.directory / "deep/.git").exists()


@pytest.mark.parametrize("ref", ["none", "refs/heads/none", "0" * 40, "--upload-pack=touch x"])
def test_no_such_ref(repo: Path, scratch: Path, ref: str) -> None:
    with pytest.raises((UnavailableError, MalformedError)):
        _out(repo, scratch, ref)


def test_no_such_repository(scratch: Path, tmp_path: Path) -> None:
    with pytest.raises(
        UnavailableError, match=r"git fetch failed: .*does not appear to be a git repository"
    ) as caught:
        _out(tmp_path / "none", scratch)
    assert caught.value.where == str(tmp_path / "none")


@pytest.mark.parametrize("remote", ["/etc", "file:///etc", "ext::sh -c touch% x"])
def test_a_reference_from_outside_is_no_path(repo: Path, scratch: Path, remote: str) -> None:
    reference = git_reference.local(str(repo) if remote == "/etc" else remote, "")
    with pytest.raises(UnavailableError, match="not allowed"):
        git_checkout.checkout(reference, scratch, keep_git=False)


def test_submodules_of_a_remote_repository_may_not_be_paths(
    repo: Path, scratch: Path, tmp_path: Path, served: tuple[Path, str]
) -> None:
    folder, url = served
    module = tmp_path / "module"
    module.mkdir()
    _git(module, "init", "-q")
    _commit(module, secret="secret")
    _git(repo, "submodule", "add", "-q", str(module), "deep")
    _commit(repo)
    _publish(repo, folder)
    reference = git_reference.parse(f"{url}/r.git")
    assert reference is not None
    with pytest.raises(UnavailableError, match="not allowed"):
        git_checkout.checkout(reference, scratch, keep_git=False)


def _publish(repo: Path, folder: Path) -> None:
    _git(folder, "clone", "-q", "--bare", str(repo), "r.git")
    _git(folder / "r.git", "update-server-info")


@pytest.fixture(name="served")
def _served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """Give a folder, and the URL at which it is served as plain files."""
    import http.server
    import threading

    folder = tmp_path / "served"
    folder.mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments, directory=str(folder))  # type: ignore[arg-type]  # handed on

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_over_http(repo: Path, scratch: Path, served: tuple[Path, str]) -> None:
    """As plain files: a server that cannot give less than all."""
    folder, url = served
    _publish(repo, folder)
    reference = git_reference.parse(f"{url}/r.git#v1")
    assert reference is not None
    found = git_checkout.checkout(reference, scratch, keep_git=False)
    assert (found.directory / "file").read_text() == "first"


def test_hooks_and_filters_of_a_repository_are_not_run(repo: Path, scratch: Path, tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    for name in ("post-checkout", "post-merge"):
        hook = repo / ".git/hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {marker}\n")
        hook.chmod(0o755)
    _commit(
        repo,
        **{".gitattributes": "* filter=bad\n", ".gitconfig": f'[filter "bad"]\n\tsmudge = touch {marker}\n'},
    )
    _out(repo, scratch)
    assert not marker.exists()


def test_without_git(repo: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(UnavailableError, match="there is no git on this machine"):
        _out(repo, scratch)


def test_settings_of_the_surroundings_do_not_lead_elsewhere(
    repo: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.setenv(name, "/nowhere")
    assert (_out(repo, scratch).directory / "file").read_text() == "second"


def test_passwords_are_not_told(scratch: Path) -> None:
    reference = git_reference.parse("http://user:secret@127.0.0.1:9/r.git")
    assert reference is not None
    with pytest.raises(UnavailableError) as caught:
        git_checkout.checkout(reference, scratch, keep_git=False)
    assert "secret" not in str(caught.value) + caught.value.hint
    assert "127.0.0.1" in str(caught.value)
