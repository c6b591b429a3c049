from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from lading.cli import build_options
from lading.errors import UsageError
from lading.oci.image import Descriptor

ENVIRON = {"v": "from-env", "TOKEN": "t0ken"}


def test_arguments() -> None:
    given = ["a=1", "b=x=y", "v", "unset", "c="]
    assert build_options.arguments(given, ENVIRON) == {"a": "1", "b": "x=y", "v": "from-env", "c": ""}
    with pytest.raises(UsageError, match="has no name"):
        build_options.arguments(["=x"], ENVIRON)


def test_labels() -> None:
    assert build_options.labels(["a=1", "b"]) == {"a": "1", "b": ""}
    with pytest.raises(UsageError, match="has no name"):
        build_options.labels(["=x"])


def test_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_bytes(b"\xff from file")
    (tmp_path / "plain").write_bytes(b"named like it")
    given = [
        "id=a,src=file",
        "id=b,env=TOKEN",
        "id=TOKEN",
        "id=plain",
        "source=file",
        "id=c,type=env,src=TOKEN",
    ]
    read = {name: read() for name, read in build_options.secrets(given, ENVIRON).items()}
    assert read == {
        "a": b"\xff from file", "b": b"t0ken", "TOKEN": b"t0ken", "plain": b"named like it", "file": b"\xff from file",
        "c": b"t0ken",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id=a,src=missing", "there is no file 'missing' for --secret id=a"),
        ("id=nowhere", "there is no file 'nowhere'"),
        ("id=a,env=UNSET", "the variable UNSET"),
        ("src=", "has no id"),
        ("a", "--secret has no 'a'"),
        ("id=a,colour=red", "--secret has no 'colour=red'"),
        ("id=a,type=vault", "no type 'vault'"),
        ('id="a', "quote"),
        ("", "nothing is given"),
    ],
)
def test_what_is_no_secret(text: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=message):
        build_options.secrets([text], ENVIRON)


def test_a_secret_that_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(bytes(build_options.MAX_SECRET_BYTES + 1))
    with pytest.raises(UsageError, match="larger than"):
        build_options.secrets([f"id=a,src={path}"], {})["a"]()


def test_agents(tmp_path: Path) -> None:
    path = str(tmp_path / "agent")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        assert build_options.agents(["default", f"git={path}"], {"SSH_AUTH_SOCK": path}) == {
            "default": path,
            "git": path,
        }
    with pytest.raises(UsageError, match="no SSH agent is running"):
        build_options.agents(["default"], {})
    (tmp_path / "key").write_bytes(b"")
    with pytest.raises(UsageError, match="not the socket"):
        build_options.agents([f"default={tmp_path}/key"], {})


def test_hosts() -> None:
    assert build_options.hosts(["a:10.0.0.1", "b=::1", "c:[::2]"]) == (
        ("a", "10.0.0.1"),
        ("b", "::1"),
        ("c", "::2"),
    )


@pytest.mark.parametrize("text", ["a", "a:b", "a:1.2.3", ":1.2.3.4", ""])
def test_what_is_no_host(text: str) -> None:
    with pytest.raises(UsageError, match="--add-host"):
        build_options.hosts([text])


def test_stages() -> None:
    assert build_options.stages(["Build,test", "3", ""]) == {"build", "test", "3"}


def test_metadata() -> None:
    described = Descriptor(media_type="m", digest="sha256:ab", size=2)
    assert json.loads(build_options.metadata(described, "sha256:cd", ["a:1", "b:1"])) == {
        "containerimage.config.digest": "sha256:cd",
        "containerimage.descriptor": {"mediaType": "m", "digest": "sha256:ab", "size": 2},
        "containerimage.digest": "sha256:ab",
        "image.name": "a:1,b:1",
    }
    several = json.loads(build_options.metadata(described, "", []))
    assert several.keys() == {"containerimage.descriptor", "containerimage.digest"}


@pytest.mark.parametrize(
    ("text", "expected"), [("a.json", Path("a.json")), ("false", None), ("./true", Path("true"))]
)
def test_bills(text: str, expected: Path | None) -> None:
    assert build_options.bill(text) == expected
