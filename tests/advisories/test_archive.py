from __future__ import annotations

import io
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

import needs
from advisories import bulk
from lading.advisories import archive
from lading.errors import LadingError, LimitError, MalformedError

RECORDS = [bulk.record(f"X-{n}", "PyPI", "a") for n in range(3)]
GOOD = bulk.packed(RECORDS)


def read(data: bytes) -> list[str]:
    return [record.id for record, _ in archive.records(io.BytesIO(data), "all.zip")]


def test_records_come_in_order() -> None:
    assert read(GOOD) == ["X-0", "X-1", "X-2"]


def test_as_zipfile_reads_them() -> None:
    path = needs.mirror() / "osv" / "crates.io" / "all.zip"
    with zipfile.ZipFile(path) as file, path.open("rb") as again:
        assert [record.id + ".json" for record, _ in archive.records(again, "x")] == file.namelist()


@pytest.mark.parametrize("size", range(0, len(GOOD), 3))
def test_truncated_anywhere(size: int) -> None:
    with pytest.raises(MalformedError, match=r"zip file|not whole|directory says"):
        read(GOOD[:size])


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"../X-1.json": b'{"id": "X-1"}'}, "no record"),
        ({"/etc/X-1.json": b'{"id": "X-1"}'}, "no record"),
        ({"a/X-1.json": b'{"id": "X-1"}'}, "no record"),
        ({"a\\X-1.json": b'{"id": "X-1"}'}, "no record"),
        ({"X-1.txt": b'{"id": "X-1"}'}, "no record"),
        ({"folder/": b""}, "no record"),
        ({"X-1.json": b'{"id": "X-2"}'}, "it is the record of 'X-2'"),
        ({"X-1.json": b"{"}, "not an OSV record"),
        ({"X-1.json": b""}, "not an OSV record"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_member_that_is_no_record(members: dict[str, bytes], message: str) -> None:
    with pytest.raises(MalformedError, match=message):
        read(bulk.zipped(members))


def test_two_members_of_one_name() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("X-1.json", b'{"id": "X-1"}')
        with pytest.warns(UserWarning, match="Duplicate name"):
            file.writestr("X-1.json", b'{"id": "X-1"}')
    with pytest.raises(MalformedError, match="two members of one name"):
        read(out.getvalue())


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_another_packing(method: int) -> None:
    with pytest.raises(MalformedError, match="packed in another way"):
        read(bulk.zipped({"X-1.json": b'{"id": "X-1"}'}, method))


def test_stored_members_are_read() -> None:
    assert read(bulk.zipped({"X-1.json": b'{"id": "X-1"}'}, zipfile.ZIP_STORED)) == ["X-1"]


def test_a_checksum_that_is_wrong() -> None:
    data = bulk.zipped({"X-1.json": b'{"id": "X-1"}'}, zipfile.ZIP_STORED)
    with pytest.raises(MalformedError, match="not whole"):
        read(data.replace(b'"X-1"', b'"X-2"'))


def test_a_large_record_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_RECORD_BYTES", 50)
    with pytest.raises(LimitError, match="a record of more than 50 bytes"):
        read(GOOD)


def test_a_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "_SMALL_BYTES", 100_000)
    bomb = {f"X-{n}.json": b'{"id": "X-%d"}' % n + b" " * 1_000_000 for n in range(5)}
    with pytest.raises(LimitError, match="more than 200 times its size"):
        read(bulk.zipped(bomb))


def test_a_lying_size_is_refused() -> None:
    data = bulk.zipped({"X-1.json": b'{"id": "X-1"}' + b" " * 100_000})
    directory = data.rindex(b"PK\1\2")
    lying = data[: directory + 24] + (14).to_bytes(4, "little") + data[directory + 28 :]
    with pytest.raises(MalformedError, match="not whole"):
        read(lying)


def test_a_directory_that_hides_a_member_is_refused() -> None:
    """One wrong byte: the comment of the second entry is said to reach over the third."""
    third = GOOD.rindex(b"PK\1\2")
    second = GOOD.rindex(b"PK\1\2", 0, third)
    entry = GOOD[second:third]
    hiding = entry[:32] + (GOOD.rindex(b"PK\5\6") - third).to_bytes(2, "little") + entry[34:]
    with pytest.raises(MalformedError, match="does not list all members"):
        read(GOOD[:second] + hiding + GOOD[third:])


def test_a_large_directory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "_MAX_DIRECTORY_BYTES", 100)
    with pytest.raises(LimitError, match="a directory of more than 100 bytes"):
        read(GOOD)


@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), max_size=4))
def test_any_bytes_changed(changes: list[tuple[int, int]]) -> None:
    data = bytearray(GOOD)
    for place, byte in changes:
        data[place] = byte
    with suppress(LadingError):
        assert read(bytes(data)) == ["X-0", "X-1", "X-2"]


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    with pytest.raises(MalformedError):
        read(data)
