"""What `-o` means; that it comes out is tested with the program (test_build.py)."""

from __future__ import annotations

import pytest

from lading.cli import build_outputs
from lading.cli.build_outputs import Files, Outputs
from lading.errors import UsageError
from lading.oci.target import Target


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("oci:layout:tag", Outputs((Target("oci", "layout:tag"),))),
        ("docker://r.example/a:1", Outputs((Target("docker", "r.example/a:1"),))),
        ("out", Outputs(files=(Files("directory", "out"),))),
        ("./a/b=c", Outputs(files=(Files("directory", "./a/b=c"),))),
        ("-", Outputs(files=(Files("tar", "-"),))),
        ("type=local,dest=out", Outputs(files=(Files("directory", "out"),))),
        ("dest=out,type=local", Outputs(files=(Files("directory", "out"),))),
        ("type=tar,dest=o.tar", Outputs(files=(Files("tar", "o.tar"),))),
        ("type=tar,dest=-", Outputs(files=(Files("tar", "-"),))),
        ("type=oci,dest=o.tar", Outputs((Target("oci-archive", "o.tar"),))),
        ("type=oci,dest=o,tar=false", Outputs((Target("oci", "o"),))),
        ("type=docker,dest=d.tar", Outputs((Target("docker-archive", "d.tar"),))),
        ("type=docker,name=a:1", Outputs(names=("a:1",))),
        ('type=image,"name=a:1,b:1",push=true', Outputs(names=("a:1", "b:1"), push=True)),
        ("type=image,name=a,push=false,oci-mediatypes=true", Outputs(names=("a",))),
        ("type=registry", Outputs(push=True)),
        ("type=cacheonly", Outputs()),
    ],
)
def test_outputs(text: str, expected: Outputs) -> None:
    assert build_outputs.outputs([text]) == expected


def test_several() -> None:
    found = build_outputs.outputs(["a", "oci:b", "type=registry,name=c", "-"])
    assert found.files == (Files("directory", "a"), Files("tar", "-"))
    assert (found.targets, found.names, found.push) == ((Target("oci", "b"),), ("c",), True)
    assert found.uses_standard_output
    assert not build_outputs.outputs(["a"]).uses_standard_output


@pytest.mark.parametrize(
    ("texts", "message", "hint"),
    [
        (["type=foo"], "no output is of type 'foo'", "type=local, type=tar"),
        (["type=local"], "type=local needs a place", "dest=PATH"),
        (["type=local,dest=-"], "type=local needs a place", "dest=PATH"),
        (["type=oci,dest=-"], "type=oci needs a file", "dest=FILE"),
        (["type=oci"], "type=oci needs a file", "dest=FILE"),
        (["type=image,compression=zstd"], "has no 'compression'", "--compression FORM"),
        (["type=tar,dest=a,mode=max"], "has no 'mode'", "it takes dest"),
        (["dest=out"], "says no type", "oci:DIR"),
        ([""], "says no type", "oci:DIR"),
        (["rootfs:x"], "rootfs: is not written to", "oci"),
        (["ftp://x"], "no transport is called 'ftp'", "oci:"),
        (['type=local,"dest=a'], "quote", ""),
        (["-", "type=tar,dest=-"], "one output alone", ""),
    ],
)
def test_what_is_no_output(texts: list[str], message: str, hint: str) -> None:
    with pytest.raises(UsageError, match=message) as raised:
        build_outputs.outputs(texts)
    assert hint in raised.value.hint
