from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile
from hypothesis import given, settings
from hypothesis import strategies as st

import needs
import tiny_elf
from lading.errors import LadingError, LimitError, MalformedError
from lading.inventory import cargo_lock, rust_binary
from lading.model.package import Location, Package
from lading.oci.reader import TreeFile

CRATES = [
    {"name": "app", "version": "0.1.0", "source": "local", "root": True, "dependencies": [1, 2]},
    {"name": "itoa", "version": "1.0.1", "source": "crates.io"},
    {"name": "cc", "version": "1.0.0", "source": "crates.io", "kind": "build"},
    {"name": "aho-corasick", "version": "0.7.18", "source": "git", "kind": "runtime", "unknown": {}},
]

RUNTIME = [("app", "0.1.0"), ("itoa", "1.0.1"), ("aho-corasick", "0.7.18")]


def program(section: bytes, *, wide: bool = True, order: str = "<") -> bytes:
    return tiny_elf.make({b".text": b"code", b".dep-v0": section}, wide=wide, order=order)


def packed(document: object) -> bytes:
    return zlib.compress(json.dumps(document).encode())


def facts(content: bytes, *, spooled: bool = False) -> list[tuple[str, str]]:
    spool = io.BytesIO(content) if spooled else None
    file = TreeFile("usr/bin/app", len(content), data=b"" if spooled else content, spool=spool)
    return [(package.name, package.version) for package in rust_binary.read(file)]


def test_whole_packages() -> None:
    content = program(packed({"packages": CRATES[1:2]}))
    assert list(rust_binary.read(TreeFile("usr/bin/app", len(content), data=content))) == [
        Package(
            type="cargo",
            name="itoa",
            version="1.0.1",
            locations=(Location("usr/bin/app"),),
            reader="rust/binary",
        )
    ]


@pytest.mark.parametrize("spooled", [False, True], ids=["memory", "spool"])
@pytest.mark.parametrize("wide", [True, False], ids=["64", "32"])
@pytest.mark.parametrize("order", ["<", ">"], ids=["little", "big"])
def test_the_program_first_and_no_build_crates(*, spooled: bool, wide: bool, order: str) -> None:
    content = program(packed({"packages": CRATES[1:] + CRATES[:1]}), wide=wide, order=order)
    assert facts(content, spooled=spooled) == [
        ("app", "0.1.0"),
        ("itoa", "1.0.1"),
        ("aho-corasick", "0.7.18"),
    ]


@pytest.mark.parametrize(
    "content", [b"", b"\x7fELF", tiny_elf.make({b".dep-v1": b"x"}), tiny_elf.make({b".text": packed([])})]
)
def test_nothing(content: bytes) -> None:
    assert facts(content) == []


@pytest.mark.parametrize(
    ("section", "error", "words"),
    [
        pytest.param(b"not zlib", MalformedError, "no zlib stream", id="not-compressed"),
        pytest.param(packed({"packages": CRATES})[:-6], MalformedError, "cut off", id="cut"),
        pytest.param(packed({"packages": [{"name": "a"}]}), MalformedError, "missing required", id="field"),
        pytest.param(packed([]), MalformedError, "list of crates", id="another-document"),
        pytest.param(zlib.compress(b"\xff{"), MalformedError, "list of crates", id="not-json"),
        pytest.param(zlib.compress(b'{"a":' + b"[" * 100_000), MalformedError, "list of crates", id="deep"),
        pytest.param(zlib.compress(bytes(9 * 2**20)), LimitError, "more than 8388608", id="bomb"),
    ],
)
def test_broken(section: bytes, error: type[LadingError], words: str) -> None:
    with pytest.raises(error, match=words) as raised:
        facts(program(section))
    assert raised.value.where == "usr/bin/app"


@given(st.binary(max_size=40), st.integers(0, 1200))
@settings(max_examples=200)
def test_any_bytes_anywhere(junk: bytes, at: int) -> None:
    content = bytearray(program(packed({"packages": CRATES})))
    content[at : at + len(junk)] = junk
    with suppress(LadingError):
        facts(bytes(content))


# --- a real program ------------------------------------------------------------------------------

TOOLS = needs.ROOT / ".cache/tools/bin"
AUDITABLE = shutil.which("cargo-auditable", path=f"{TOOLS}{os.pathsep}{os.environ['PATH']}")
CARGO_TOML = """[package]
name = "lading-app"
version = "0.3.0"
edition = "2021"
[dependencies]
itoa = "=1.0.9"
near = { path = "near" }
[build-dependencies]
autocfg = "=1.1.0"
"""
MAIN = 'fn main() { println!("{}", itoa::Buffer::new().format(near::NUMBER)); }\n'


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rust")
    for name in ("src", "near/src"):
        (folder / name).mkdir(parents=True)
    (folder / "Cargo.toml").write_text(CARGO_TOML)
    (folder / "build.rs").write_text("fn main() { autocfg::new(); }\n")
    (folder / "src/main.rs").write_text(MAIN)
    (folder / "near/Cargo.toml").write_text('[package]\nname = "near"\nversion = "0.2.0"\nedition = "2021"\n')
    (folder / "near/src/lib.rs").write_text("pub const NUMBER: u32 = 7;\n")
    env = {**os.environ, "PATH": f"{TOOLS}{os.pathsep}{os.environ['PATH']}"}
    command = ["cargo", "auditable", "build", "--release", "--quiet"]
    done = subprocess.run(command, cwd=folder, env=env, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


@needs.tool("cargo", AUDITABLE or "cargo-auditable")
def test_real_program(source: Path) -> None:
    content = (source / "target/release/lading-app").read_bytes()
    assert facts(content) == [("lading-app", "0.3.0"), ("itoa", "1.0.9"), ("near", "0.2.0")]
    section = ELFFile(io.BytesIO(content)).get_section_by_name(".dep-v0")
    assert section is not None
    told = json.loads(zlib.decompress(section.data()))["packages"]
    runtime = {(each["name"], each["version"]) for each in told if each.get("kind") != "build"}
    assert set(facts(content, spooled=True)) == runtime
    lock = (source / "Cargo.lock").read_bytes()
    locked = {
        (each.name, each.version) for each in cargo_lock.read(TreeFile("Cargo.lock", len(lock), data=lock))
    }
    assert locked == runtime | {("autocfg", "1.1.0")}
