from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lading.errors import LadingError, MalformedError
from lading.oci import credentials
from lading.oci.credentials import Credential, Found, anonymous, fixed, paths, stored


def auth(user: str = "u", secret: str = "p", **more: str) -> dict[str, str]:
    return {"auth": b64encode(f"{user}:{secret}".encode()).decode(), **more}


def write(path: Path, **content: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    return path


def look(tmp_path: Path, name: str, content: dict[str, object], **environ: str) -> Found:
    write(tmp_path / ".docker" / "config.json", **content)
    return stored({"PATH": f"{tmp_path}/bin:/usr/bin:/bin", **environ}, tmp_path)(name)


def user(found: Found) -> str | None:
    return None if found.credential is None else found.credential.user


@pytest.mark.parametrize(
    ("keys", "name", "key"),
    [
        pytest.param(["r.io"], "r.io/app", "r.io", id="host"),
        pytest.param(["r.io:5000"], "r.io/app", None, id="other-port"),
        pytest.param(["r.io"], "r.io:5000/app", None, id="port-missing"),
        pytest.param(["r.io", "r.io/a", "r.io/a/b"], "r.io/a/b/c", "r.io/a/b", id="longest"),
        pytest.param(["r.io", "r.io/a/b/c"], "r.io/a/b/c", "r.io/a/b/c", id="whole"),
        pytest.param(["r.io", "r.io/a"], "r.io/ab", "r.io", id="only-whole-parts"),
        pytest.param(["r.io/a"], "r.io/b", None, id="other-namespace"),
        pytest.param(["https://r.io"], "r.io/a", "https://r.io", id="url"),
        pytest.param(["https://r.io/v2/"], "r.io/a", "https://r.io/v2/", id="url-v2"),
        pytest.param(["http://r.io:5000"], "r.io:5000/a", "http://r.io:5000", id="url-port"),
        pytest.param(["https://index.docker.io/v1/"], "docker.io/library/a", "https://index.docker.io/v1/", id="hub"),
        pytest.param(["docker.io"], "docker.io/library/a", "docker.io", id="hub-podman"),
        pytest.param(["docker.io/me"], "docker.io/me/a", "docker.io/me", id="hub-namespace"),
        pytest.param(["registry-1.docker.io"], "docker.io/me/a", "registry-1.docker.io", id="hub-api"),
        pytest.param(["other.io"], "r.io/a", None, id="none"),
    ],
)  # fmt: skip
def test_keys(tmp_path: Path, keys: list[str], name: str, key: str | None) -> None:
    found = look(tmp_path, name, {"auths": {each: auth(each) for each in keys}})
    # A user cannot hold a colon: what a URL is cut to tells it, too.
    assert user(found) == (None if key is None else key.partition(":")[0])


@pytest.mark.parametrize(
    ("entry", "credential"),
    [
        pytest.param(auth("u", "p:q"), Credential("u", "p:q"), id="colon-in-password"),
        pytest.param(auth("ü", "ß"), Credential("ü", "ß"), id="unicode"),
        pytest.param(auth("u", "p\0\0"), Credential("u", "p"), id="padded"),
        pytest.param({"username": "u", "password": "p"}, Credential("u", "p"), id="plain"),
        pytest.param(auth("u", "", identitytoken="t"), Credential("u", identity_token="t"), id="identity"),
        pytest.param({"identitytoken": "t"}, Credential(identity_token="t"), id="only-identity"),
        pytest.param({"registrytoken": "t"}, Credential(registry_token="t"), id="registry-token"),
        pytest.param(auth("<token>", "t"), Credential(identity_token="t"), id="token-user"),
        pytest.param({}, None, id="empty"),
        pytest.param(None, None, id="null"),
    ],
)
def test_entries(tmp_path: Path, entry: object, credential: Credential | None) -> None:
    found = look(tmp_path, "r.io/a", {"auths": {"r.io": entry}}).credential
    if credential is None:
        assert found is None
        return
    assert found is not None
    kept = (found.user, found.secret, found.identity_token, found.registry_token)
    assert kept == (credential.user, credential.secret, credential.identity_token, credential.registry_token)
    assert found.source == str(tmp_path / ".docker" / "config.json")


def test_order_of_files(tmp_path: Path) -> None:
    environ = {"XDG_RUNTIME_DIR": f"{tmp_path}/run", "XDG_CONFIG_HOME": f"{tmp_path}/xdg"}
    expected = ["run/containers/auth.json", "xdg/containers/auth.json", ".docker/config.json"]
    assert paths(environ, tmp_path) == [tmp_path / each for each in expected]
    assert paths({}, tmp_path) == [
        tmp_path / ".config/containers/auth.json",
        tmp_path / ".docker/config.json",
    ]
    assert paths({"REGISTRY_AUTH_FILE": "/a"}, tmp_path) == [Path("/a")]
    both = {"REGISTRY_AUTH_FILE": "/a", "DOCKER_CONFIG": "/d"}
    assert paths(both, tmp_path) == [Path("/a"), Path("/d/config.json")]
    for number, path in reversed(list(enumerate(paths(environ, tmp_path)))):
        write(path, auths={"r.io": auth(f"file{number}")})
        assert user(stored(environ, tmp_path)("r.io/a")) == f"file{number}"


def test_a_file_without_the_host_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path / ".config" / "containers" / "auth.json", auths={"other.io": auth("no")})
    assert user(look(tmp_path, "r.io/a", {"auths": {"r.io": auth("yes")}})) == "yes"


def test_no_files(tmp_path: Path) -> None:
    assert stored({}, tmp_path)("r.io/a") == Found()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"{", "not a file of registry credentials", id="truncated"),
        pytest.param(b'{"auths": []}', "not a file of registry credentials", id="list"),
        pytest.param(b'{"auths": {"r.io": {"auth": "*"}}}', "auth of 'r.io' is not base64", id="base64"),
        pytest.param(b'{"auths": {"r.io": {"auth": "/w=="}}}', "auth of 'r.io' is not base64", id="utf-8"),
        pytest.param(b"[" * 100_000, "not a file of registry credentials", id="deep"),
        pytest.param(b'"\xff"', "not a file of registry credentials", id="bytes"),
        pytest.param(b" " * (credentials.MAX_BYTES + 1), "more than", id="large"),
    ],
)
def test_broken_files(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "auth.json"
    file.write_bytes(content)
    with pytest.raises(LadingError, match=message) as caught:
        stored({"REGISTRY_AUTH_FILE": str(file)}, tmp_path)("r.io/a")
    assert caught.value.where == str(file)


def test_empty_file(tmp_path: Path) -> None:
    (tmp_path / "auth.json").touch()
    assert stored({"REGISTRY_AUTH_FILE": f"{tmp_path}/auth.json"}, tmp_path)("r.io/a") == Found()


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    found = stored({"REGISTRY_AUTH_FILE": str(tmp_path)}, tmp_path)("r.io/a")
    assert (found.credential, found.problem) == (None, f"{tmp_path}: cannot be read: Is a directory")


@given(st.binary(max_size=80))
@settings(max_examples=150, deadline=None)
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "any.json"
    file.write_bytes(b'{"auths":{"r.io":{"auth":"' + content + b'"}}}')
    try:
        stored({"REGISTRY_AUTH_FILE": str(file)}, file.parent)("r.io/a")
    except MalformedError:
        return


def test_no_secret_is_shown() -> None:
    credential = Credential("me", "hidden", "hidden", "hidden", "file")
    assert repr(credential) == str(credential) == "Credential(user='me', source='file')"
    assert "hidden" not in repr(Found(credential))


def test_simple_lookups() -> None:
    assert anonymous("r.io/a") == Found()
    assert fixed("u", "p")("r.io/a").credential == Credential("u", "p", source="given")


# Helpers: real programs on a PATH of their own


def helper(tmp_path: Path, text: str, name: str = "test") -> None:
    program = tmp_path / "bin" / f"docker-credential-{name}"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f"#!/bin/sh\n{text}\n")
    program.chmod(0o755)


ANSWER = (
    'read server; echo "{\\"ServerURL\\":\\"$server\\",\\"Username\\":\\"$1 $server\\",\\"Secret\\":\\"s\\"}"'
)


@pytest.mark.parametrize(
    ("content", "name", "asked"),
    [
        pytest.param({"credsStore": "test"}, "r.io:5000/a", "get r.io:5000", id="store"),
        pytest.param({"credsStore": "test"}, "docker.io/library/a", "get https://index.docker.io/v1/", id="hub"),
        pytest.param({"credHelpers": {"r.io": "test"}}, "r.io/a", "get r.io", id="helper"),
        pytest.param({"credHelpers": {"r.io/a": "test"}}, "r.io/a/b", "get r.io", id="namespace"),
        pytest.param({"credHelpers": {"r.io": "test"}, "credsStore": "no"}, "r.io/a", "get r.io", id="helper-first"),
        pytest.param({"credHelpers": {"other": "test"}}, "r.io/a", None, id="other-host"),
        pytest.param({"credsStore": "test", "auths": {"r.io": auth("file")}}, "r.io/a", "get r.io", id="before-file"),
        pytest.param({"credsStore": ""}, "r.io/a", None, id="empty"),
    ],
)  # fmt: skip
def test_helper(tmp_path: Path, content: dict[str, object], name: str, asked: str | None) -> None:
    helper(tmp_path, ANSWER)
    found = look(tmp_path, name, content)
    assert user(found) == asked
    if found.credential is not None:
        assert (found.credential.secret, found.credential.source) == ("s", "docker-credential-test")


def test_helper_with_identity_token(tmp_path: Path) -> None:
    helper(tmp_path, """echo '{"Username":"<token>","Secret":"t"}'""")
    found = look(tmp_path, "r.io/a", {"credsStore": "test"})
    assert found.credential == Credential(identity_token="t", source="docker-credential-test")


def test_helper_that_has_nothing(tmp_path: Path) -> None:
    helper(tmp_path, "echo credentials not found in native keychain; exit 1")
    assert look(tmp_path, "r.io/a", {"credsStore": "test"}) == Found()
    content: dict[str, object] = {"credsStore": "test", "auths": {"r.io": auth("file")}}
    assert user(look(tmp_path, "r.io/a", content)) == "file"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param(None, "docker-credential-test: this credential helper is not installed", id="absent"),
        pytest.param("echo locked; exit 3", "docker-credential-test: failed with status 3: locked", id="status"),
        pytest.param("printf 'a\\033[31m'; exit 1", "docker-credential-test: failed with status 1: a?[31m", id="control"),
        pytest.param("echo '['", "docker-credential-test: its answer is not the JSON that it should be", id="json"),
        pytest.param("exec sleep 20", "docker-credential-test: no answer after 0.2 s", id="hangs"),
    ],
)  # fmt: skip
def test_helper_that_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None, problem: str
) -> None:
    if text == "exec sleep 20":
        monkeypatch.setattr(credentials, "HELPER_TIMEOUT_S", 0.2)
    if text is not None:
        helper(tmp_path, text)
    assert look(tmp_path, "r.io/a", {"credsStore": "test"}) == Found(None, problem)


@pytest.mark.parametrize("name", ["../bin/x", "/bin/sh", "a;b", "-x", "a b", ""])
def test_helper_names_are_only_names(tmp_path: Path, name: str) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "x").write_text(f"#!/bin/sh\n{ANSWER}\n")
    found = look(tmp_path, "r.io/a", {"credHelpers": {"r.io": name}})
    assert found.credential is None


def test_helper_is_looked_for_on_the_path_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "docker-credential-x" / "y"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{ANSWER}\n")
    program.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    found = look(tmp_path, "r.io/a", {"credsStore": "x/y"})
    assert found == Found(None, "docker-credential-x/y: this credential helper is not installed")


def test_helper_is_not_run_by_a_shell(tmp_path: Path) -> None:
    helper(tmp_path, ANSWER)
    name = "$(touch${IFS}x)"
    assert user(look(tmp_path, f"{name}/a", {"credsStore": "test"})) == f"get {name}"
