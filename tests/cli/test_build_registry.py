"""`lading build` with a real registry, a web server and git repositories around it."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
import tarfile
from pathlib import Path

import pytest

import needs
import registries
from cli import stocked
from loopback import Exchange, serve
from program import Lading

pytestmark = [needs.root(), needs.tool("crun"), registries.NEEDS]


def _context(lading: Lading, dockerfile: str) -> None:
    folder = lading.folder / "context"
    folder.mkdir(exist_ok=True)
    (folder / "f").write_text("content")
    (folder / "Dockerfile").write_text(dockerfile)


def _ok(lading: Lading, *arguments: str | Path) -> str:
    done = lading(*arguments)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()


def _other(lading: Lading, name: str) -> Lading:
    """Return the program at another place: nothing is known there."""
    folder = lading.folder / name
    folder.mkdir()
    return Lading(folder, lading.environ)


def _alpine() -> str:
    return f"docker-archive:{needs.images() / 'alpine-310.tar.gz'}"


def _log_in(lading: Lading, host: str, password: str = registries.PASSWORD) -> None:
    folder = lading.folder / "home" / ".docker"
    folder.mkdir(parents=True, exist_ok=True)
    words = base64.b64encode(f"{registries.USER}:{password}".encode()).decode()
    (folder / "config.json").write_text(json.dumps({"auths": {host: {"auth": words}}}))


def test_from_a_registry_and_back(lading: Lading, tmp_path: Path) -> None:
    with registries.registry(tmp_path / "registry") as host:
        stocked.tag(lading, _alpine(), f"{host}/base:1")
        _ok(lading, "push", f"{host}/base:1")
        builder, puller = _other(lading, "builder"), _other(lading, "puller")
        _context(builder, f"FROM {host}/base:1\nRUN echo made > /made\nCOPY f /f\n")
        digest = _ok(builder, "build", "--push", "-t", f"{host}/app:1", "-t", f"{host}/team/app:2", "context")
        for name in ("app:1", "team/app:2"):
            assert _ok(puller, "pull", "-q", f"{host}/{name}").split()[-1].endswith(digest)
        assert stocked.names(puller) == sorted([f"{host}/app:1", f"{host}/team/app:2"])
        store = f"oci:{builder.folder}/data/images:{host}/app:1"
        registries.skopeo("copy", "-q", "--preserve-digests", store, f"oci:{tmp_path}/copied:x")
        assert json.loads(_ok(builder, "inspect", f"oci:{tmp_path}/copied:x"))["digest"] == digest
        # What is on the registry is used as a base at once.
        _context(puller, f"FROM {host}/team/app:2\nRUN test -f /made && test -f /f\n")
        _ok(puller, "build", "context")


def test_a_registry_that_wants_a_password(lading: Lading, tmp_path: Path) -> None:
    folder = tmp_path / "registry"
    folder.mkdir()
    _context(lading, "FROM scratch\nCOPY f /f\n")
    with registries.registry(folder, auth=registries.htpasswd(folder)) as host:
        asked = ("build", "--push", "-t", f"{host}/app:1", "context")
        for wrong in ("", "wrong"):
            if wrong:
                _log_in(lading, host, wrong)
            done = lading(*asked)
            assert done.returncode == 3
            assert host.encode() in done.stderr
            assert b"Traceback" not in done.stderr
        # Only the push has failed: the image is there.
        assert stocked.names(lading) == [f"{host}/app:1"]
        _log_in(lading, host)
        digest = _ok(lading, *asked)
        stranger = _other(lading, "stranger")
        _context(stranger, f"FROM {host}/app:1\nLABEL a=b\n")
        refused = stranger("build", "context")
        assert refused.returncode == 3
        assert b"line 1" in refused.stderr
        _log_in(stranger, host)
        _ok(stranger, "build", "context")
        assert _ok(stranger, "pull", "-q", f"{host}/app:1").split()[-1].endswith(digest)
        words = base64.b64encode(f"{registries.USER}:{registries.PASSWORD}".encode())
        assert _holding(lading.folder, [words, registries.PASSWORD.encode()]) == [
            lading.folder / "home/.docker/config.json",
            stranger.folder / "home/.docker/config.json",
        ]


def _holding(folder: Path, needles: list[bytes]) -> list[Path]:
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return sorted(path for path in files if any(needle in path.read_bytes() for needle in needles))


def test_steps_of_others_by_a_registry(lading: Lading, tmp_path: Path) -> None:
    text = "FROM alpine:3.10\nRUN date +%s%N > /x\nCOPY f /f\n"
    with registries.registry(tmp_path / "registry") as host:
        other = _other(lading, "other")
        for one in (lading, other):
            stocked.tag(one, _alpine(), "alpine:3.10")
            _context(one, text)
        digest = _ok(lading, "build", "--cache-to", f"{host}/steps:app", "context")
        done = other("build", "--cache-from", f"type=registry,ref={host}/steps:app", "context")
        assert (done.returncode, done.stdout.decode().strip()) == (0, digest), done.stderr
        assert done.stderr.count(b"cached") == 2
        absent = other("build", "--no-cache", "--cache-from", f"{host}/steps:none", "context")
        assert absent.returncode == 0
        assert b"is not used" in absent.stderr


@pytest.mark.parametrize("checked", [True, False])
def test_a_file_by_url(lading: Lading, *, checked: bool) -> None:
    data = os.urandom(300_000)
    digest = hashlib.sha256(data if checked else b"other").hexdigest()
    with serve(lambda exchange: exchange.reply(body=data)) as served:
        _context(lading, f"FROM scratch\nADD --checksum=sha256:{digest} {served.url}/some/file /d/\n")
        done = lading("build", "-t", "app", "-o", "dir:out", "context")
    assert (done.returncode == 0) is checked, done.stderr
    if not checked:
        assert b"line 2" in done.stderr
        assert hashlib.sha256(data).hexdigest().encode() in done.stderr
        assert stocked.names(lading) == []


def test_a_url_that_leads_nowhere(lading: Lading) -> None:
    with serve(lambda exchange: exchange.reply(404)) as served:
        _context(lading, f"FROM scratch\nADD {served.url}/some/file /d/\n")
        done = lading("build", "context")
    assert done.returncode == 3
    assert b"line 2" in done.stderr
    assert b"404" in done.stderr


def _repository(folder: Path) -> Path:
    """Make a bare repository with a branch `side` whose Dockerfile is in `sub`."""
    git = ("git", "-c", "user.name=n", "-c", "user.email=e@example.org", "-c", "init.defaultBranch=main")
    work, bare = folder / "work", folder / "bare.git"
    (work / "sub").mkdir(parents=True)
    (work / "Dockerfile").write_text("FROM scratch\nCOPY f /main\n")
    (work / "f").write_text("f")
    (work / "sub" / "Dockerfile").write_text("FROM scratch\nCOPY g /side\n")
    (work / "sub" / "g").write_text("g")
    for words in (("init", "-q"), ("add", "."), ("commit", "-qm", "x"), ("branch", "side")):
        subprocess.run([*git, *words], cwd=work, check=True)
    subprocess.run([*git, "clone", "-q", "--bare", str(work), str(bare)], check=True)
    return bare


def _by_backend(root: Path, exchange: Exchange) -> None:
    """Answer a request of git's by git's own CGI program."""
    path, _, query = exchange.path.partition("?")
    variables = {
        "GIT_PROJECT_ROOT": str(root), "GIT_HTTP_EXPORT_ALL": "1", "REQUEST_METHOD": exchange.command, "PATH_INFO": path,
        "QUERY_STRING": query, "CONTENT_TYPE": exchange.headers.get("Content-Type", ""), "PATH": os.environ["PATH"],
        "CONTENT_LENGTH": str(len(exchange.body())), "HTTP_CONTENT_ENCODING": exchange.headers.get("Content-Encoding", ""),
        "GIT_PROTOCOL": exchange.headers.get("Git-Protocol", ""),
        "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*",
    }  # fmt: skip
    done = subprocess.run(
        ["git", "http-backend"], input=exchange.body(), capture_output=True, env=variables, check=True
    )
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().splitlines())
    exchange.reply(int(headers.pop("Status", "200").split()[0]), body, headers)


def test_a_context_from_git(lading: Lading, tmp_path: Path) -> None:
    bare = _repository(tmp_path)
    with serve(lambda exchange: _by_backend(tmp_path, exchange)) as served:
        url = f"{served.url}/{bare.name}"
        _ok(lading, "build", "-t", "one", url)
        _ok(lading, "build", "-t", "two", f"{url}#side:sub")
        _context(lading, f"FROM scratch\nADD {url}#side:sub /src/\n")
        _ok(lading, "build", "-t", "three", "context")
        absent = lading("build", f"{url}#nowhere")
    assert absent.returncode == 3
    assert b"nowhere" in absent.stderr
    assert [_layer(lading, name) for name in ("one", "two")] == [["main"], ["side"]]
    assert {"src/Dockerfile", "src/g"} <= set(_layer(lading, "three"))


def _layer(lading: Lading, name: str) -> list[str]:
    (layer,) = json.loads(_ok(lading, "inspect", name))["manifest"]["layers"]
    with tarfile.open(stocked.blob(lading, layer["digest"])) as archive:
        return archive.getnames()
