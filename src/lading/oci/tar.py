"""The headers of a tar stream, walked by hand: five times as fast as `tarfile`, its test oracle.

Formats: POSIX.1-2001 ustar and pax (https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html),
GNU long names, GNU base-256 numbers, GNU sparse files in all four forms
(https://www.gnu.org/software/tar/manual/html_section/Sparse-Formats.html), and version 7 tar.
"""

from __future__ import annotations

import posixpath
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from lading.errors import LimitError, MalformedError
from lading.oci.source import ByteSource

FILE, DIRECTORY, SYMLINK, HARDLINK, OTHER = "file", "directory", "symlink", "hardlink", "other"

BLOCK = 512
# An extended header longer than this describes no real file: names end at 4,096 bytes on Linux,
# and the extended attributes of one file at 64 KiB.
MAX_EXTENDED_BYTES = 2**20
MAX_SPARSE_PIECES = 100_000
_ZERO = bytes(BLOCK)
_KINDS = {
    0x00: FILE, 0x30: FILE, 0x37: FILE, 0x53: FILE,  # NUL, "0", "7" contiguous, "S" GNU sparse
    0x31: HARDLINK, 0x32: SYMLINK, 0x35: DIRECTORY,
    0x33: OTHER, 0x34: OTHER, 0x36: OTHER,  # character device, block device, fifo
}  # fmt: skip
_LONG_NAME, _LONG_LINK, _PAX, _PAX_GLOBAL, _SOLARIS_PAX, _SPARSE = 0x4C, 0x4B, 0x78, 0x67, 0x58, 0x53
_EXTENDED = frozenset({_LONG_NAME, _LONG_LINK, _PAX, _PAX_GLOBAL, _SOLARIS_PAX})


@dataclass(slots=True)
class Member:
    """An entry of a tar archive; its content follows in the source until the next is asked for.

    path: relative to the root, cleaned of `.`, `//` and trailing `/`; empty for the root itself.
    escapes: the name as written leads above the root with `..`; `path` is then what follows.
    stored: bytes of content in the archive. size: bytes of the file, larger if it is sparse.
    link: target of a symlink as written, or the cleaned path of a hard link's target.
    pieces: (offset, length) of what is stored of a sparse file, in order; None if it is not one.
    block, extended: the header itself and the extended ones about it, for `tar_details`.
    """

    path: str
    kind: str
    stored: int
    size: int
    mode: int
    link: str = ""
    escapes: bool = False
    pieces: list[tuple[int, int]] | None = None
    block: bytes = b""
    extended: dict[str, bytes] | None = None


def members(source: ByteSource, where: str) -> Iterator[Member]:
    """Yield the entries in order; read the content of each from `source` before going on.

    Stops at the end mark (a block of zeros), or at an end between entries, which tools tolerate.
    Raises `MalformedError` with the offset for a broken header or a cut entry, `LimitError` for an
    extended header over `MAX_EXTENDED_BYTES`.
    """
    defaults: dict[str, bytes] = {}
    extended: dict[str, bytes] = {}
    while True:
        block = source.read(BLOCK)
        if not block or block == _ZERO:
            if extended:
                raise MalformedError("the archive ends behind an extended header", where)
            return
        _check(block, source, where)
        kind = block[156]
        if kind in _EXTENDED:
            _extend(source, block, extended, defaults, where)
            continue
        member = _member(source, block, defaults | extended if defaults else extended, where)
        end = source.position + -(-member.stored // BLOCK) * BLOCK
        yield member
        missing = end - source.position
        if missing > 0 and source.skip(missing) < missing:
            raise MalformedError(f"the archive ends within {member.path!r}", where)
        if extended:
            extended = {}


def expand(data: bytes, member: Member) -> bytes:
    """Return the content of a sparse member with its holes filled; `data` is what is stored."""
    if member.pieces is None:
        return data
    content = bytearray(member.size)
    at = 0
    for offset, length in member.pieces:
        content[offset : offset + length] = data[at : at + length]
        at += length
    return bytes(content[: member.size])


def _extend(
    source: ByteSource, block: bytes, extended: dict[str, bytes], defaults: dict[str, bytes], where: str
) -> None:
    """Read an extended header: about the next member, or, if it is global, about all that follow."""
    kind = block[156]
    data = _extended(source, block, where)
    if kind == _LONG_NAME:
        extended["path"] = data.rstrip(b"\0")
    elif kind == _LONG_LINK:
        extended["linkpath"] = data.rstrip(b"\0")
    else:
        (defaults if kind == _PAX_GLOBAL else extended).update(_pax(data, source, where))


def _check(block: bytes, source: ByteSource, where: str) -> None:
    """Compare the header's checksum: the sum of its bytes, its own field taken as blanks.

    The low half of Adler-32 is that sum plus one, modulo 65521, and comes at a tenth of the cost;
    a header that disagrees gets the exact sums, unsigned and, as some old tools wrote it, signed.
    """
    if len(block) < BLOCK:
        raise MalformedError("the archive ends within a header", where)
    # Mostly six digits, NUL, blank.
    stated = number(block[148:155] if block[155] == 0x20 else block[148:156])  # noqa: PLR2004
    blanks = 8 * 0x20 - sum(block[148:156])
    if ((zlib.adler32(block) & 0xFFFF) - 1 + blanks - stated) % 65521 == 0:
        return
    signed = sum(byte - 256 if byte > 127 else byte for byte in block[:148] + block[156:])  # noqa: PLR2004
    if stated not in {sum(block) + blanks, signed + 8 * 0x20}:
        start = source.position - BLOCK
        raise MalformedError(f"no tar header at byte {start}: its checksum is wrong", where)


def _member(source: ByteSource, block: bytes, extended: dict[str, bytes], where: str) -> Member:
    flag = block[156]
    kind = _KINDS.get(flag, FILE)  # POSIX: an unknown type is a regular file
    name = extended.get("path") or short_name(block)
    stored = decimal(extended["size"], where) if "size" in extended else number(block[124:136])
    if stored < 0:
        raise MalformedError(f"{name!r} has a negative size", where)
    if kind == FILE and flag == 0 and name.endswith(b"/"):
        kind = DIRECTORY
    if kind != FILE:
        stored = 0
    path, escapes = clean(name)
    mode = number(block[100:108]) & 0o7777
    member = Member(path, kind, stored, stored, mode, "", escapes, None, block, extended)
    if kind in {SYMLINK, HARDLINK}:
        link = extended.get("linkpath") or block[157:257].partition(b"\0")[0]
        member.link = link.decode("utf-8", "backslashreplace") if kind == SYMLINK else clean(link)[0]
    elif flag == _SPARSE:
        _gnu_sparse(source, block, member, where)
    elif extended and (
        "GNU.sparse.major" in extended or "GNU.sparse.map" in extended or "GNU.sparse.size" in extended
    ):
        _pax_sparse(source, extended, member, where)
    return member


def short_name(block: bytes) -> bytes:
    """Return the name that a header itself holds, without extended ones."""
    name = block[:100].partition(b"\0")[0]
    # Only POSIX's magic says that the last field is a prefix; GNU keeps times there.
    if block[345] and block[257:263] == b"ustar\0":
        return block[345:500].partition(b"\0")[0] + b"/" + name
    return name


def clean(name: bytes, errors: str = "backslashreplace") -> tuple[str, bool]:
    """Return the path relative to the root that `name` means, and whether it leads above the root.

    errors: how bytes that are no UTF-8 are decoded; by default so that they can be printed.
    """
    text = name.partition(b"\0")[0].decode("utf-8", errors).rstrip("/")
    text = text.removeprefix("./")
    if "//" not in text and "/." not in text and text[:1] not in {"/", "."}:
        return text, False
    # The kernel takes /.. for /, so that only a relative name can lead above.
    text = posixpath.normpath("/" + text.lstrip("/") if text.startswith("/") else text or ".").lstrip("/")
    escapes = text == ".." or text.startswith("../")
    while text.startswith("../"):
        text = text[3:]
    return ("" if text in {".", ".."} else text), escapes


def number(field: bytes) -> int:
    """Return a header's number: octal digits, or base-256 if the first bit is set (GNU)."""
    if field[-1] in {0x00, 0x20}:
        try:
            return int(field[:-1], 8)  # what nearly all are: digits and one NUL or blank
        except ValueError:
            pass
    return _unusual_number(field)


def _unusual_number(field: bytes) -> int:
    if field[0] & 0x80:
        value = int.from_bytes(field, "big")
        bits = 8 * len(field)
        return value - (1 << bits) if field[0] == 0xFF else value & ~(1 << (bits - 1))  # noqa: PLR2004
    digits = field.partition(b"\0")[0].strip()
    try:
        return int(digits, 8) if digits else 0
    except ValueError:
        return -1  # no checksum and no size equals it, so that the header is refused


def decimal(text: bytes, where: str) -> int:
    """Return a number of an extended header.

    Raises `MalformedError` for anything but digits, at most nineteen.
    """
    if not text.isdigit() or len(text) > 19:  # noqa: PLR2004 - 2**63 has nineteen digits
        raise MalformedError(f"not a number in an extended header: {text[:40]!r}", where)
    return int(text)


def _extended(source: ByteSource, block: bytes, where: str) -> bytes:
    size = number(block[124:136])
    if not 0 <= size <= MAX_EXTENDED_BYTES:
        raise LimitError(f"an extended header of {size} bytes is over {MAX_EXTENDED_BYTES}", where)
    padded = -(-size // BLOCK) * BLOCK
    data = source.read(padded)
    if len(data) < padded:
        raise MalformedError("the archive ends within an extended header", where)
    return data[:size]


def _pax(data: bytes, source: ByteSource, where: str) -> dict[str, bytes]:
    """Records = *( length SP key "=" value LF ), the length counting the whole record."""
    records: dict[str, bytes] = {}
    sparse: list[bytes] = []
    at = 0
    while at < len(data) and data[at]:
        blank = data.find(b" ", at, at + 20)
        length = data[at:blank]
        end = at + int(length) if blank > 0 and length.isdigit() else 0
        key, equals, value = data[blank + 1 : end - 1].partition(b"=")
        if blank < 0 or end <= blank or end > len(data) or not equals:
            raise MalformedError(f"broken pax header before byte {source.position}", where)
        if key in {b"GNU.sparse.offset", b"GNU.sparse.numbytes"}:
            sparse.append(value)  # form 0.0 repeats its keys, in pairs
        records[key.decode("utf-8", "replace")] = value
        at = end
    if sparse:
        records["GNU.sparse.map"] = b",".join(sparse)
    if "GNU.sparse.name" in records:
        records["path"] = records["GNU.sparse.name"]
    return records


def _gnu_sparse(source: ByteSource, block: bytes, member: Member, where: str) -> None:
    """Read the old GNU form: four pieces in the header, 21 in each block that follows it."""
    fields, more = block[386:482], block[482]
    member.size = number(block[483:495])
    numbers: list[int] = []
    while True:
        numbers += [number(fields[at : at + 12]) for at in range(0, len(fields) // 24 * 24, 12)]
        if not more:
            break
        block = source.read(BLOCK)
        if len(block) < BLOCK or len(numbers) > 2 * MAX_SPARSE_PIECES:
            raise MalformedError(f"broken sparse map of {member.path!r}", where)
        fields, more = block[:504], block[504]
    _set_pieces(member, numbers, where)


def _pax_sparse(source: ByteSource, extended: dict[str, bytes], member: Member, where: str) -> None:
    """Read the pax forms: the map in the header (0.0, 0.1), or before the content (1.0)."""
    real = extended.get("GNU.sparse.realsize") or extended.get("GNU.sparse.size")
    if real is None:
        raise MalformedError(f"the sparse file {member.path!r} has no size", where)
    member.size = decimal(real, where)
    if "GNU.sparse.map" in extended:
        parts = extended["GNU.sparse.map"].split(b",")
        _set_pieces(member, [decimal(part, where) for part in parts if part], where)
        return
    lines: list[bytes] = []
    rest, read = b"", 0
    wanted = 1  # lines: how many pieces, then two for each
    while len(lines) < wanted:
        block = source.read(BLOCK)
        read += BLOCK
        *more, rest = (rest + block).split(b"\n")
        lines += more
        if lines and wanted == 1:
            wanted += 2 * decimal(lines[0], where)
        if len(block) < BLOCK or read > member.stored or wanted > 2 * MAX_SPARSE_PIECES or len(rest) > BLOCK:
            raise MalformedError(f"broken sparse map of {member.path!r}", where)
    member.stored -= read
    _set_pieces(member, [decimal(line, where) for line in lines[1:wanted]], where)


def _set_pieces(member: Member, numbers: list[int], where: str) -> None:
    pieces = [pair for pair in zip(numbers[::2], numbers[1::2], strict=False) if pair != (0, 0)]
    at = total = 0
    for offset, length in pieces:
        if offset < at or length < 0 or offset + length > member.size:
            raise MalformedError(f"broken sparse map of {member.path!r}", where)
        at = offset + length
        total += length
    if total > member.stored or len(pieces) > MAX_SPARSE_PIECES:
        raise MalformedError(f"broken sparse map of {member.path!r}", where)
    member.pieces = pieces
