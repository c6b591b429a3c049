from __future__ import annotations

import json
import os
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import needs
from lading.errors import LadingError, MalformedError
from lading.inventory import go_mod
from lading.model.fact import Skipped
from lading.model.package import Location, Package
from lading.oci.reader import TreeFile

GO_MOD = """\
module "example.com/app" // a comment

go 1.21.0

toolchain go1.22.1

require rsc.io/quote v1.5.2

require (
	github.com/a/a v1.2.3 // indirect
	"github.com/b/b" v2.0.0+incompatible//close
	github.com/c/c v1.0.0
	github.com/d/d v1.0.0
	github.com/e/e v1.0.0
	github.com/f/f v1.0.0
)

replace (
	github.com/c/c => github.com/new/c v1.1.0
	github.com/d/d v1.0.0 => ../d
	github.com/e/e v0.9.0 => github.com/new/e v0.9.1
)
exclude github.com/f/f v1.0.0
retract [v1.0.0, v1.0.5] // broken
"""
EXPECTED = [
    ("rsc.io/quote", "v1.5.2", 7),
    ("github.com/a/a", "v1.2.3", 10),
    ("github.com/b/b", "v2.0.0+incompatible", 11),
    ("github.com/new/c", "v1.1.0", 12),
    ("github.com/d/d", "(devel)", 13),
    ("github.com/e/e", "v1.0.0", 14),
]


def read(text: str | bytes) -> list[tuple[str, str, int]]:
    data = text.encode() if isinstance(text, str) else text
    found = []
    for fact in go_mod.read(TreeFile("app/go.mod", len(data), data=data)):
        if isinstance(fact, Package):
            found.append((fact.name, fact.version, fact.locations[0].line))
        elif isinstance(fact, Skipped):
            found.append(("", fact.reason, 0))
    return found


def test_read() -> None:
    assert read(GO_MOD) == EXPECTED
    assert read(GO_MOD.replace("\n", "\r\n")) == EXPECTED


def test_whole_package() -> None:
    data = b"go 1.21\nrequire a.b/c v1.0.0\n"
    assert list(go_mod.read(TreeFile("go.mod", len(data), data=data))) == [
        Package(
            type="golang", name="a.b/c", version="v1.0.0", locations=(Location("go.mod", 2),), reader="go/mod"
        )
    ]


@pytest.mark.parametrize(
    ("head", "told"),
    [
        pytest.param("go 1.16\n", True, id="before-1.17"),
        pytest.param("", True, id="no-version-means-1.16"),
        pytest.param("go 1.17\n", False, id="1.17"),
        pytest.param("go 1.20rc1\n", False, id="candidate"),
        pytest.param("go 2.0\n", False, id="go-2"),
    ],
)
def test_incomplete_lists_are_told(head: str, *, told: bool) -> None:
    reason = ("", "lists direct requirements only, as it is for Go before 1.17", 0)
    assert (reason in read(head + "require a.b/c v1.0.0\n")) is told
    assert read(head) == []


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        pytest.param("require a.b/c\n", "app/go.mod:1", "require needs", id="no-version"),
        pytest.param("\nexclude (\na\n)\n", "app/go.mod:3", "exclude needs", id="in-a-block"),
        pytest.param("replace a v1 b v2\n", "app/go.mod:1", "replace needs", id="no-arrow"),
        pytest.param("replace => b v2\n", "app/go.mod:1", "replace needs", id="nothing-replaced"),
        pytest.param(b"\xff", "app/go.mod", "not UTF-8", id="not-utf8"),
    ],
)
def test_broken(text: str | bytes, where: str, words: str) -> None:
    with pytest.raises(MalformedError, match=words) as raised:
        read(text)
    assert raised.value.where == where


@given(st.text('ab(" `)=>/\n', max_size=80) | st.binary(max_size=80))
@settings(max_examples=200)
def test_anything(text: str | bytes) -> None:
    with suppress(LadingError):
        read(text)


def test_quotes_without_end_take_no_time() -> None:
    assert read('x "\\' * 200_000) == []


@needs.tool("go")
def test_as_the_go_command_reads_it(tmp_path: Path) -> None:
    (tmp_path / "go.mod").write_text(GO_MOD)
    env = {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=mod", "GOWORK": "off"}
    command = ["go", "mod", "edit", "-json"]
    told = json.loads(subprocess.run(command, cwd=tmp_path, env=env, check=True, capture_output=True).stdout)
    required = [(each["Path"], each["Version"]) for each in told["Require"]]
    plain = "\n".join(line for line in GO_MOD.split("\n") if "=>" not in line and "exclude" not in line)
    assert [found[:2] for found in read(plain)] == required
