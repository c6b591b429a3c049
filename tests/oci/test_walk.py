from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import imaging
from lading.errors import LimitError, MalformedError
from lading.model.fact import Fact, Files, Skipped
from lading.oci import tar
from lading.oci import walk as walking
from lading.oci.dispatch import Dispatch
from lading.oci.facts import LayerFacts
from lading.oci.reader import FileReader, TreeFile
from lading.oci.rootfs import walk_directory
from lading.oci.source import ByteSource
from lading.oci.walk import walk_layer


def read(file: TreeFile) -> Iterator[Fact]:
    yield Files("test", file.path, (file.open().read().decode("latin-1"),))


def broken(file: TreeFile) -> Iterator[Fact]:
    yield from read(file)
    raise ZeroDivisionError("a bug in a reader")


def malformed(file: TreeFile) -> Iterator[Fact]:
    raise MalformedError("no such form", file.path)
    yield


EXACT = FileReader(name="test/exact", paths=("etc/exact",), read=read)
NAMED = FileReader(name="test/named", paths=("**/pkg.json", "lib/*/meta"), read=read)
SUFFIX = FileReader(name="test/suffix", paths=("**/*.list",), read=read, max_bytes=10)
FOLDER = FileReader(name="test/folder", paths=("var/db/*",), read=read)
MAGIC = FileReader(name="test/magic", magic=b"\x7fELF", read=read)
ALL = Dispatch([EXACT, NAMED, SUFFIX, FOLDER, MAGIC])


def walk(tree: imaging.Tree, dispatch: Dispatch = ALL) -> LayerFacts:
    return walk_layer(imaging.layer(imaging.tar(tree)), dispatch)


@pytest.mark.parametrize(
    ("path", "readers"),
    [
        ("etc/exact", [EXACT]), ("x/etc/exact", []), ("pkg.json", [NAMED]), ("a/b/pkg.json", [NAMED]),
        ("apkg.json", []), ("lib/a/meta", [NAMED]), ("lib/a/b/meta", []), ("lib/meta", []),
        ("a.list", [SUFFIX]), ("d/a.list", [SUFFIX]), ("a.list.x", []), (".list", [SUFFIX]),
        ("var/db/x", [FOLDER]), ("var/db/x/y", []), ("var/db/x.list", [FOLDER, SUFFIX]),
    ],
)  # fmt: skip
def test_dispatch(path: str, readers: list[FileReader]) -> None:
    assert ALL.wanted(path) == readers


def test_a_pattern_without_anything_literal_is_refused() -> None:
    with pytest.raises(ValueError, match="no literal name"):
        Dispatch([FileReader(name="x", paths=("**/*",), read=read)])


def test_one_walk() -> None:
    found = walk({
        "etc": None, "etc/exact": b"one", "a.list": b"two", "bin/tool": b"\x7fELFthree", "other": b"no",
        "link": ("->", "etc/exact"), "pkg.json": ("=", "other"), "nothing": ("=", "other"),
    })  # fmt: skip
    assert found.facts == {
        "etc/exact": (Files("test", "etc/exact", ("one",)),),
        "a.list": (Files("test", "a.list", ("two",)),),
        "bin/tool": (Files("test", "bin/tool", ("\x7fELFthree",)),),
    }
    assert (found.links, found.hardlinks) == ({"link": "etc/exact"}, {"pkg.json": "other"})
    assert (found.files, found.content_bytes, found.folders) == (4, 3 + 3 + 9 + 2, b"etc\0")
    assert found.names == b"etc/exact\0a.list\0bin/tool\0other\0link\0pkg.json\0nothing\0"


def test_whiteouts() -> None:
    found = walk(
        {"a/.wh.gone": b"", ".wh.top": b"", "d/.wh..wh..opq": b"", ".wh..wh.plnk": b"", "x.wh.y": b""}
    )
    assert (found.whiteouts, found.opaque, found.names) == (("a/gone", "top"), ("d",), b"x.wh.y\0")


def test_the_later_of_two_members_counts() -> None:
    found = walk({"./etc/exact": b"old", "etc/exact": b"new", "a.list": b"x", "./a.list": ("->", "b")})
    assert found.facts == {"etc/exact": (Files("test", "etc/exact", ("new",)),)}
    assert found.links == {"a.list": "b"}


def test_what_breaks_is_said_and_costs_nothing_else() -> None:
    readers = [
        FileReader(name="t/broken", paths=("a",), read=broken),
        FileReader(name="t/malformed", paths=("b",), read=malformed),
        SUFFIX,
        FileReader(name="t/well", paths=("a", "c"), read=read),
    ]
    found = walk({"a": b"1", "b": b"2", "c": b"3", "d.list": b"over ten bytes"}, Dispatch(readers))
    assert found.facts == {"a": (Files("test", "a", ("1",)),) * 2, "c": (Files("test", "c", ("3",)),)}
    assert found.skipped == (
        Skipped("t/broken", "a", "internal error: ZeroDivisionError('a bug in a reader')"),
        Skipped("t/malformed", "b", "no such form"),
        Skipped("test/suffix", "d.list", "14 bytes are over the limit of 10"),
    )


def test_names_that_lead_out_are_told_and_kept_inside() -> None:
    found = walk({"../../etc/exact": b"x", "/etc/absolute.list": b"y"})
    assert sorted(found.facts) == ["etc/absolute.list", "etc/exact"]
    assert [(item.reader, item.path) for item in found.skipped] == [("layer", "etc/exact")]


def test_a_large_member_comes_as_a_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walking, "HOLD_BYTES", 1000)
    content = b"\x7fELF" + bytes(range(256)) * 20
    seen: list[TreeFile] = []

    def keep(file: TreeFile) -> Iterator[Fact]:
        seen.append(file)
        yield from read(file)

    found = walk(
        {"big": content, "etc/exact": b"after"},
        Dispatch([FileReader(name="m", magic=b"\x7fELF", read=keep), EXACT]),
    )
    assert (seen[0].data, seen[0].size) == (b"", len(content))
    assert found.facts["big"] == (Files("test", "big", (content.decode("latin-1"),)),)
    assert found.facts["etc/exact"] == (Files("test", "etc/exact", ("after",)),)


def test_a_full_disk_costs_the_one_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(walking, "HOLD_BYTES", 3)
    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    found = walk({"etc/exact": b"large", "a.list": b"abc"})
    assert list(found.facts) == ["a.list"]
    assert "No space left" in found.skipped[0].reason


def test_a_broken_tar_in_intact_bytes() -> None:
    data = imaging.tar({"a": b"x"})
    with pytest.raises(MalformedError, match="checksum is wrong"):
        walk_layer(imaging.layer(data[:1024] + b"garbage!" * 64), ALL)


def test_a_wrong_digest_is_said_before_what_it_led_to() -> None:
    data = imaging.tar({"a": b"x"})
    damaged = data[:1024] + b"garbage!" * 64
    with pytest.raises(MalformedError, match="content is sha256"):
        walk_layer(
            imaging.layer(damaged, digest=imaging.layer(data).digest, diff_id=imaging.layer(data).digest), ALL
        )


def test_ten_million_entries_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walking, "MAX_ENTRIES", 1000)
    endless = (tar.Member(f"f{number}", tar.FILE, 0, 0, 0o644) for number in range(10_000_000))
    with pytest.raises(LimitError, match="over 1000 entries"):
        walking.walk(endless, ByteSource(iter(())), ALL, where="layer")


def test_aliases_read_only_what_is_asked_for() -> None:
    layer = imaging.layer(imaging.tar({"data/real": b"db", "etc/exact": b"x"}))
    found = walk_layer(layer, ALL, {"data/real": "etc/exact"})
    assert found.facts == {"etc/exact": (Files("test", "etc/exact", ("db",)),)}


def test_a_directory_gives_the_same_facts(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/exact").write_bytes(b"one")
    (tmp_path / "tool").write_bytes(b"\x7fELF")
    (tmp_path / "link").symlink_to("etc/exact")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/a.list").write_bytes(b"kernel")
    found = walk_directory(str(tmp_path), ALL)
    tree: imaging.Tree = {
        "etc": None, "link": ("->", "etc/exact"), "loop": ("->", "loop"), "proc": None, "tool": b"\x7fELF",
        "etc/exact": b"one",
    }  # fmt: skip
    assert found == walk(tree)
