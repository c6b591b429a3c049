from __future__ import annotations

from pathlib import Path

import pytest

from lading.build import container
from lading.build.accounts import read
from lading.build.container import Wanted
from lading.build.image_config import DEFAULT_PATH, State
from lading.build.run_spec import Tmpfs, Volume
from lading.errors import MalformedError, UsageError
from lading.oci.image import Platform

ACCOUNTS = read(b"root:x:0:0::/root:\nme:x:5:6::/home/me:\n", b"")
STATE = State(
    Platform("linux", "amd64"),
    {"Env": ["A=1"], "Cmd": ["c", "d"], "Entrypoint": ["e"], "User": "me", "WorkingDir": "/w"},
)


@pytest.mark.parametrize(
    ("wanted", "argv"),
    [
        (Wanted(), ("e", "c", "d")),
        (Wanted(command=("x",)), ("e", "x")),
        (Wanted(entrypoint="y"), ("y",)),
        (Wanted(entrypoint="y", command=("x",)), ("y", "x")),
        (Wanted(entrypoint="", command=("x",)), ("x",)),
    ],
)
def test_what_is_run(wanted: Wanted, argv: tuple[str, ...]) -> None:
    assert container.spec(STATE, wanted, ACCOUNTS, work=Path("/x")).argv == argv


def test_who_and_where() -> None:
    made = container.spec(STATE, Wanted(), ACCOUNTS, work=Path("/x"), lowers=[Path("/l")], upper=Path("/u"))
    assert (made.uid, made.gid, made.cwd, made.lowers, made.upper) == (5, 6, "/w", ("/l",), "/u")
    assert made.env == {"PATH": DEFAULT_PATH, "HOME": "/home/me", "A": "1"}
    other = Wanted(
        user="0", directory="rel", variables={"A": "2"}, terminal=True, read_only=True, network="none"
    )
    made = container.spec(STATE, other, ACCOUNTS, work=Path("/x"), root=Path("/r"))
    assert (made.uid, made.cwd, made.root, made.upper, made.read_only) == (0, "/rel", "/r", "", True)
    assert made.env == {"PATH": DEFAULT_PATH, "HOME": "/root", "A": "2", "TERM": "xterm"}


def test_what_cannot_be_run() -> None:
    with pytest.raises(UsageError, match="does not say what to run"):
        container.spec(State(Platform("linux", "amd64")), Wanted(), ACCOUNTS, work=Path("/x"))
    with pytest.raises(MalformedError, match="no user 'you'"):
        container.spec(STATE, Wanted(user="you"), ACCOUNTS, work=Path("/x"))


def test_volumes(tmp_path: Path) -> None:
    assert container.volume(f"{tmp_path}:/a/../b:ro") == Volume(
        target="/b", source=str(tmp_path), read_only=True
    )
    assert container.volume(f"{tmp_path}:/b:rw") == Volume(target="/b", source=str(tmp_path))
    for text in ("x", f"{tmp_path}:", ":/x", f"{tmp_path}:/x:z", f"{tmp_path}:x", "/no/such/thing:/x"):
        with pytest.raises(UsageError, match=r"volume|there is no such"):
            container.volume(text)


def test_variables(tmp_path: Path) -> None:
    (tmp_path / "vars").write_text("# no\n\nA=1\nB\nC=x=y\n")
    found = container.variables(["A=2", "H", "U"], [tmp_path / "vars"], {"B": "b", "H": "h"})
    assert found == {"A": "2", "B": "b", "C": "x=y", "H": "h"}
    for given, files in ((["=x"], []), ([" a=1"], []), ([], [tmp_path / "missing"])):
        with pytest.raises(UsageError, match=r"not a variable|cannot be read"):
            container.variables(given, files, {})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/t", Tmpfs(target="/t")),
        ("/t/:size=1m,mode=0700,noexec", Tmpfs(target="/t", size_bytes=2**20, mode=0o700)),
    ],
)
def test_memory(text: str, expected: Tmpfs) -> None:
    assert container.memory(text) == expected


@pytest.mark.parametrize("text", ["t", "/t:colour=red", "/t:size=x", "/t:mode=9"])
def test_what_is_no_memory(text: str) -> None:
    with pytest.raises(UsageError):
        container.memory(text)


@pytest.mark.parametrize(
    ("text", "read_only"),
    [
        ("type=bind,source=.,target=/m", False),
        ("type=bind,src=.,dst=/m,readonly", True),
        ("type=bind,src=.,destination=/m/,ro=true", True),
        ("type=bind,src=.,dst=/m,readonly=false", False),
    ],
)
def test_mounts(text: str, *, read_only: bool) -> None:
    expected = Volume(target="/m", source=str(Path.cwd()), read_only=read_only)
    assert container.mount(text) == expected


def test_a_mount_in_memory() -> None:
    assert container.mount("type=tmpfs,dst=/m") == Tmpfs(target="/m")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("type=volume,source=a,target=/m", "of no type that there is"),
        ("source=.,target=/m", "of no type that there is"),
        ("type=bind,source=.,target=/m,colour=red", "--mount has no colour"),
        ("type=tmpfs,target=/m,source=.", "--mount has no source"),
        ("type=bind,source=.", "absolute path"),
        ("type=bind,source=missing,target=/m", "there is no such file"),
        ('type=bind,"x', "quote"),
    ],
)
def test_what_is_no_mount(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        container.mount(text)
