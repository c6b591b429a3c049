from __future__ import annotations

import io
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import needs
import tiny_elf
from lading.errors import LadingError, LimitError, MalformedError
from lading.inventory import elf, go_binary, go_buildinfo, window
from lading.model.package import Location, Package
from lading.oci.reader import TreeFile

# --- build information made by hand --------------------------------------------------------------

VERSION = b"go1.21.5"
SENTINEL = bytes(range(16))
MODULES = (
    "path\texample.com/app/cmd/app\n"
    "mod\texample.com/app\tv1.4.0\t\n"
    "dep\tgithub.com/b/b\tv2.0.0+incompatible\th1:b=\n"
    "dep\tgithub.com/a/a\tv1.2.3\th1:a=\n"
    "dep\tgithub.com/old/name\tv1.0.0\n"
    "=>\tgithub.com/new/name\tv1.1.0\th1:n=\n"
    "dep\tgithub.com/here/local\tv0.9.0\n"
    "=>\t./local\t(devel)\t\n"
    "build\t-compiler=gc\n"
)
PACKAGES = [
    ("example.com/app", "v1.4.0"),
    ("github.com/a/a", "v1.2.3"),
    ("github.com/b/b", "v2.0.0+incompatible"),
    ("github.com/here/local", "(devel)"),
    ("github.com/new/name", "v1.1.0"),
    ("stdlib", "1.21.5"),
]


def varint(number: int) -> bytes:
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def inline(version: bytes = VERSION, modules: str = MODULES) -> bytes:
    wrapped = SENTINEL + modules.encode() + SENTINEL
    head = b"\xff Go buildinf:" + bytes([8, 2]) + bytes(16)
    return head + varint(len(version)) + version + varint(len(wrapped)) + wrapped


def pointed(at: int, *, pointer_bytes: int = 8, big: bool = False) -> bytes:
    """Return the form of Go before 1.18, for the address `at`."""
    order = "big" if big else "little"
    wrapped = SENTINEL + MODULES.encode() + SENTINEL
    strings = at + 32 + 4 * pointer_bytes

    def number(value: int) -> bytes:
        return value.to_bytes(pointer_bytes, "big" if order == "big" else "little")

    head = b"\xff Go buildinf:" + bytes([pointer_bytes, int(big)])
    pointers = number(at + 32) + number(at + 32 + 2 * pointer_bytes)
    first = number(strings) + number(len(VERSION))
    second = number(strings + len(VERSION)) + number(len(wrapped))
    return (head + pointers).ljust(32, b"\0") + first + second + VERSION + wrapped


def facts(content: bytes, *, spooled: bool = False) -> list[tuple[str, str]]:
    spool = io.BytesIO(content) if spooled else None
    file = TreeFile("app", len(content), data=b"" if spooled else content, spool=spool)
    return [(package.name, package.version) for package in go_binary.read(file)]


def program(modules: str, version: bytes = VERSION) -> bytes:
    return tiny_elf.make({b".go.buildinfo": inline(version, modules)})


def test_whole_packages() -> None:
    content = program("path\ta\nmod\ta.b/c\tv1.0.0\n")
    place = (Location("usr/bin/app"),)
    assert list(go_binary.read(TreeFile("usr/bin/app", len(content), data=content))) == [
        Package(type="golang", name="a.b/c", version="v1.0.0", locations=place, reader="go/binary"),
        Package(type="golang", name="stdlib", version="1.21.5", locations=place, reader="go/binary"),
    ]


@pytest.mark.parametrize("spooled", [False, True], ids=["memory", "spool"])
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(tiny_elf.make({b".go.buildinfo": inline()}), id="section"),
        pytest.param(tiny_elf.make({b".data": bytes(64) + inline()}), id="segment"),
        pytest.param(tiny_elf.make({b".data": inline()}, with_table=False), id="no-section-table"),
        pytest.param(
            tiny_elf.make({b".data": inline()}, with_table=False, flags=4), id="nor-writable-segment"
        ),
        pytest.param(
            tiny_elf.make({b".data": b"\xff Go buildinf: as text" + bytes(10) + inline()}), id="text-before"
        ),
        pytest.param(
            tiny_elf.make({b".data": b"x\xff Go buildinf:y" + inline()}), id="unaligned-text-before"
        ),
        pytest.param(tiny_elf.make({b".go.buildinfo": pointed(tiny_elf.BASE + 512)}), id="pointers-64"),
        pytest.param(
            tiny_elf.make({b".go.buildinfo": pointed(tiny_elf.BASE + 512, pointer_bytes=4)}, wide=False),
            id="pointers-32",
        ),
        pytest.param(
            tiny_elf.make({b".go.buildinfo": pointed(tiny_elf.BASE + 512, big=True)}, order=">"),
            id="pointers-big-endian",
        ),
    ],
)
def test_forms(content: bytes, *, spooled: bool) -> None:
    assert facts(content, spooled=spooled) == PACKAGES


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\x7fELF", id="only-a-magic"),
        pytest.param(tiny_elf.make({b".data": b"nothing"}), id="not-go"),
        pytest.param(tiny_elf.make({b".data": b"x" + inline()}), id="unaligned"),
        pytest.param(b"MZ" + inline(), id="not-elf"),
        pytest.param(tiny_elf.make({b".rodata": inline()}, flags=4), id="only-in-constants"),
    ],
)
def test_nothing(content: bytes) -> None:
    assert facts(content) == []


@pytest.mark.parametrize(
    ("go_version", "expected"),
    [
        ("go1.21.5", "1.21.5"),
        ("go1.20", "1.20.0"),
        ("go1.21rc2", "1.21.0-rc.2"),
        ("go1.4beta1", "1.4.0-beta.1"),
        ("go1.22.1 X:boringcrypto", "1.22.1"),
        ("go1.26.8-X:nodwarf5", "1.26.8"),
        ("go1.12.7b4", "1.12.7"),
        ("go1.19.9 (Red Hat 1.19.9-2.el9)", "1.19.9"),
        ("devel go1.23-0123abc Tue", "devel go1.23-0123abc Tue"),
        ("devel +0123abc", "devel +0123abc"),
        ("go1.26-devel_0123abc Tue Sep 2", "go1.26-devel_0123abc Tue Sep 2"),
        ("go1.26.1-devel", "go1.26.1-devel"),
        ("go1.26.1-bigcorp", "1.26.1"),
        ("go1", "go1"),
    ],
)
def test_stdlib_version(go_version: str, expected: str) -> None:
    assert go_binary.stdlib_version(go_version) == expected


@pytest.mark.parametrize(
    ("mod", "ldflags", "expected"),
    [
        pytest.param("v1.2.3", "", "v1.2.3", id="known"),
        pytest.param("v1.2.3+dirty", "", "v1.2.3+dirty", id="known-and-changed"),
        pytest.param("v1.2.4-0.20240102150405-0123456789ab", "", None, id="after-a-tag"),
        pytest.param("v0.0.0-20240102150405-0123456789ab", "", "(devel)", id="no-tags"),
        pytest.param("v2.0.0-20240102150405-0123456789ab+dirty", "", "(devel)", id="no-tags-major-2"),
        pytest.param(
            "v1.9.2-0.20250812085420-df5de8219b41+dirty",
            "-X main.version=12.0.3",
            "v12.0.3",
            id="stamped-after-a-tag",
        ),
        pytest.param(
            "v0.0.1-test.0.20250723164904-3b49fbaa5c2c",
            "-X main.version=12.0.3",
            "v12.0.3",
            id="stamped-after-a-test",
        ),
        pytest.param(
            "v1.9.2-0.20250812085420-df5de8219b41", "-X main.version=dev", None, id="stamped-with-none"
        ),
        pytest.param("v1.2.3", "-X main.version=1.2.4", "v1.2.3", id="known-and-stamped"),
        pytest.param("v1.2.3-rc.1", "-X main.version=1.2.4", "v1.2.3-rc.1", id="a-candidate-and-stamped"),
        pytest.param("", "", "(devel)", id="empty"),
        pytest.param("(devel)", "-X main.version=1.2.3", "v1.2.3", id="stamped"),
        pytest.param("(devel)", "-s -w -X 'main.Version=v1.2.3-rc.1'", "v1.2.3-rc.1", id="stamped-quoted"),
        pytest.param("(devel)", "-X=example.com/app/ver.GitVersion=v3.0.0", "v3.0.0", id="own-package"),
        pytest.param("(devel)", "-X example.com/lib.Version=v3.0.0", "(devel)", id="anothers-package"),
        pytest.param("(devel)", "-X example.com/apple.Version=v3.0.0", "(devel)", id="a-longer-name"),
        pytest.param("(devel)", "-X main.commit=1.2.3", "(devel)", id="another-variable"),
        pytest.param("(devel)", "-X main.version=main-0123abc", "(devel)", id="no-version"),
        pytest.param("(devel)", "-X main.version=1.2", "(devel)", id="two-numbers"),
        pytest.param("(devel)", "-X main.version=1.2.3 -X main.Version=v1.2.3", "v1.2.3", id="twice"),
        pytest.param("(devel)", "-X main.version=1.2.3 -X main.semver=1.2.4", "(devel)", id="two-versions"),
    ],
)
def test_main_version(mod: str, ldflags: str, expected: str | None) -> None:
    lines = f'path\tx\nmod\texample.com/app\t{mod}\nbuild\t-ldflags="{ldflags}"\n'
    assert facts(program(lines))[0] == ("example.com/app", expected or mod)


@pytest.mark.parametrize(
    ("modules", "expected"),
    [
        pytest.param("path\tcmd/go\n", ["stdlib", "toolchain"], id="the-go-command"),
        pytest.param("path\tcmd/gofmt\n", ["stdlib"], id="another-command"),
        pytest.param("path\ta\ndep\t\tv1\nmod\t\t\nnonsense\n\tx\n", ["stdlib"], id="lines-without-sense"),
        pytest.param("=>\tgithub.com/a/a\tv1\n", ["stdlib"], id="replaces-nothing"),
    ],
)
def test_names(modules: str, expected: list[str]) -> None:
    assert [name for name, _ in facts(program(modules))] == expected


@pytest.mark.parametrize(
    ("section", "error", "words"),
    [
        pytest.param(inline()[:20], MalformedError, "cut off", id="header"),
        pytest.param(inline(b""), MalformedError, "without the toolchain", id="no-version"),
        pytest.param(inline()[:32] + b"\xff" * 10, MalformedError, "cut off", id="endless-varint"),
        pytest.param(inline()[:32] + varint(5000), LimitError, "more than 4096", id="long-version"),
        pytest.param(inline()[:41] + varint(2**63), LimitError, "more than 16777216", id="long-modules"),
        pytest.param(inline()[:41] + varint(2**20), MalformedError, "cut off", id="modules-missing"),
        pytest.param(inline()[:14] + bytes([5, 0, *range(16)]), MalformedError, "of 5 bytes", id="pointers"),
        pytest.param(pointed(7), MalformedError, "outside the program", id="pointers-outside"),
    ],
)
def test_broken(section: bytes, error: type[LadingError], words: str) -> None:
    # The build information is the last thing in the file, so that nothing can be read behind it.
    content = tiny_elf.make({}, with_table=False)
    content = content[:96] + (2**40).to_bytes(8, "little") + content[104 : len(content) // 16 * 16]
    with pytest.raises(error, match=words) as raised:
        facts(content + section)
    assert raised.value.where == "app"


def test_cut_anywhere() -> None:
    content = program("path\ta\nmod\ta.b/c\tv1.0.0\n")
    for end in range(len(content)):
        with suppress(LadingError):
            facts(content[:end])


@given(st.binary(max_size=40), st.integers(0, 2000))
@settings(max_examples=300)
def test_any_bytes_anywhere(junk: bytes, at: int) -> None:
    content = bytearray(tiny_elf.make({b".go.buildinfo": inline()}))
    content[at : at + len(junk)] = junk
    with suppress(LadingError):
        facts(bytes(content))


# --- real programs, with the go command as the oracle ---------------------------------------------

GO_MOD = """module example.com/lading/app
go 1.21
require (
    example.com/lading/local v0.1.0
    rsc.io/quote v1.5.2
)
replace (
    example.com/lading/local => ./local
    rsc.io/sampler => rsc.io/sampler v1.3.1
)
"""
MAIN = """package main
import ("fmt"; "rsc.io/quote"; "example.com/lading/local")
var version = "unknown"
func main() { fmt.Println(quote.Hello(), local.Name, version) }
"""
EXPECTED = [
    ("example.com/lading/local", "(devel)"),
    ("golang.org/x/text", "v0.0.0-20170915032832-14c0d48ead0c"),
    ("rsc.io/quote", "v1.5.2"),
    ("rsc.io/sampler", "v1.3.1"),
]
BUILDS = {
    "plain": ([], {}),
    "static": (["-trimpath", "-ldflags=-s -w"], {"CGO_ENABLED": "0"}),
    "pie": (["-buildmode=pie"], {}),
    "stamped": (["-ldflags=-s -w -X main.version=2.3.4"], {}),
    "386": ([], {"GOARCH": "386"}),
    "s390x": ([], {"GOARCH": "s390x"}),
}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("go")
    (folder / "local").mkdir()
    (folder / "go.mod").write_text(GO_MOD)
    (folder / "main.go").write_text(MAIN)
    (folder / "local/go.mod").write_text("module example.com/lading/local\ngo 1.21\n")
    (folder / "local/local.go").write_text('package local\nconst Name = "here"\n')
    go(folder, "mod", "tidy")
    return folder


def go(folder: Path, *arguments: str, **environment: str) -> str:
    env = {**os.environ, "GOFLAGS": "-buildvcs=false", "GOTOOLCHAIN": "local", "GOWORK": "off", **environment}
    done = subprocess.run(
        ["go", *arguments], cwd=folder, env=env, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def build(source: Path, name: str) -> Path:
    target = source / name
    if not target.exists():
        flags, environment = BUILDS[name]
        go(source, "build", "-o", str(target), *flags, ".", **environment)
    return target


def as_go_says(folder: Path, binary: Path) -> Iterator[tuple[str, str]]:
    """Yield what `go version -m` tells of the modules."""
    told = json.loads(go(folder, "version", "-m", "-json", str(binary)))
    for module in told["Deps"]:
        new = module.get("Replace", module)
        local = new["Path"].startswith(".")
        yield module["Path"] if local else new["Path"], "(devel)" if local else new["Version"]
    yield "stdlib", go_binary.stdlib_version(told["GoVersion"])


@needs.tool("go")
@pytest.mark.parametrize("name", BUILDS)
def test_real_program(source: Path, name: str) -> None:
    binary = build(source, name)
    content = binary.read_bytes()
    found = facts(content)
    assert found[0] == ("example.com/lading/app", "v2.3.4" if name == "stamped" else "(devel)")
    assert found[1:-1] == EXPECTED
    assert found[1:] == list(as_go_says(source, binary))
    assert facts(content, spooled=True) == found


@needs.tool("go")
@pytest.mark.parametrize("name", ["plain", "386", "s390x", "pie"])
def test_real_program_without_section_table(source: Path, name: str) -> None:
    content = bytearray(build(source, name).read_bytes())
    parsed = elf.parse(window.Window(size=len(content), data=bytes(content)))
    assert parsed is not None
    at, size = (40, 8) if parsed.pointer_size == 8 else (32, 4)
    content[at : at + size] = bytes(size)
    assert facts(bytes(content)) == facts(build(source, name).read_bytes())


@needs.tool("go")
@pytest.mark.parametrize("name", ["plain", "386", "s390x"])
def test_real_program_with_pointers(source: Path, name: str) -> None:
    """No toolchain that can be had here writes the older form, so a program's is rewritten."""
    binary = build(source, name)
    content = bytearray(binary.read_bytes())
    parsed = elf.parse(window.Window(size=len(content), data=bytes(content)))
    assert parsed is not None
    place = elf.section(parsed, b".go.buildinfo")
    strings = go_buildinfo.find(parsed.window)
    assert place is not None
    assert strings is not None
    older = rewritten(place.address, parsed, strings)
    content[place.offset : place.offset + len(older)] = older
    changed = source / f"{name}-pointers"
    changed.write_bytes(content)
    found = facts(bytes(content))
    assert found == facts(binary.read_bytes())
    assert found[1:] == list(as_go_says(source, changed))


def rewritten(at: int, parsed: elf.Elf, strings: go_buildinfo.Strings) -> bytes:
    version, modules = strings.go_version.encode(), strings.modules.encode()
    wide = parsed.pointer_size

    def number(value: int) -> bytes:
        return value.to_bytes(wide, "big" if parsed.big_endian else "little")

    text = at + 32 + 4 * wide
    head = b"\xff Go buildinf:" + bytes([wide, int(parsed.big_endian)])
    head = (head + number(at + 32) + number(at + 32 + 2 * wide)).ljust(32, b"\0")
    head += number(text) + number(len(version)) + number(text + len(version)) + number(len(modules) + 32)
    return head + version + SENTINEL + modules + SENTINEL


@cache
def goroot() -> Path:
    return Path(
        subprocess.run(["go", "env", "GOROOT"], check=True, capture_output=True, text=True).stdout.strip()
    )


@needs.tool("go")
def test_the_go_command_is_the_toolchain() -> None:
    content = (goroot() / "bin/go").read_bytes()
    found = dict(facts(content))
    assert set(found) >= {"stdlib", "toolchain"}
    assert found["stdlib"] == found["toolchain"]
