"""Rpm databases to test with: real ones, made by rpmbuild, rpm and Berkeley DB, and parts made by hand.

Debian's rpm writes SQLite and reads Berkeley DB. The records of one are put into the other by Berkeley DB's
own tool, and into ndb, which Debian's rpm does not know, by `ndb` here.
"""

from __future__ import annotations

import sqlite3
import struct
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from lading.model.package import Package

SPEC = """\
Name: whole
Version: 1.2.3
Release: 4.el9
Summary: With an epoch
License: MIT and BSD
Epoch: 2
BuildArch: noarch
%description
%package -n plain
Summary: Without anything special
License: GPLv2+
Epoch: 0
%description -n plain
%package -n empty
Summary: No files
License: Public Domain
%description -n empty
%define __os_install_post %{nil}
%install
mkdir -p %{buildroot}/usr/share/whole/deep %{buildroot}/etc "%{buildroot}/opt/gr\u00fc\u00df dich"
for i in $(seq 1500); do : > %{buildroot}/usr/share/whole/deep/a-file-with-a-rather-long-name-$i; done
: > %{buildroot}/usr/share/whole/top; : > %{buildroot}/etc/plain.conf; : > "%{buildroot}/opt/gr\u00fc\u00df dich/x y"
%files
/usr/share/whole
%files -n plain
%config /etc/plain.conf
"/opt/gr\u00fc\u00df dich"
%files -n empty
"""
LABEL = "nodejs:18:8070020230306170042:bd1311ed"
MODULAR_SPEC = f"""\
Name: modular
Version: 18.14.2
Release: 2.module_el8.7.0
Summary: Of a module
License: ASL 2.0
ModularityLabel: {LABEL}
BuildArch: noarch
%description
%files
"""
# Fields and paths between signs that no name has.
_QUERY = (
    "%{NAME}\t%{EPOCHNUM}:%{VERSION}-%{RELEASE}\t%{ARCH}\t%{LICENSE}\t%{SOURCERPM}\t%{MODULARITYLABEL}\t"
    "[%{FILENAMES}\x01]\n"
)


def built(folder: Path) -> list[Path]:
    """Return the rpms of both specs, made by rpmbuild in `folder`."""
    for name, text in (("whole", SPEC), ("modular", MODULAR_SPEC)):
        spec = folder / f"{name}.spec"
        spec.write_text(text)
        run(["rpmbuild", "-bb", "--quiet", "--define", f"_topdir {folder / 'top'}", str(spec)])
    return sorted(folder.rglob("*.rpm"))


def sqlite_database(folder: Path) -> Path:
    """Return the database of a root in `folder` where rpm has installed the rpms of both specs."""
    root = folder / "root"
    root.mkdir()
    options = ["--root", str(root), "--dbpath", "/db", "--justdb", "--nodeps", "--noscripts", "--ignorearch"]
    run(["rpm", "--define", "_db_backend sqlite", *options, "-i", *map(str, built(folder))])
    path = root / "db" / "rpmdb.sqlite"
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def blobs(path: Path) -> list[bytes]:
    """Return the header blobs of an SQLite database, in the order of their numbers."""
    with sqlite3.connect(path) as database:
        return [blob for (blob,) in database.execute("SELECT blob FROM Packages ORDER BY hnum")]


def berkeley(path: Path, headers: Sequence[bytes], page_bytes: int = 4096, order: str = "little") -> Path:
    """Write the headers as rpm's Berkeley DB, by Berkeley DB's own tool; numbers 1 and up."""
    number = {"little": "<I", "big": ">I"}[order]
    lorder = {"little": 1234, "big": 4321}[order]
    records = [(0, struct.pack(number, len(headers))), *enumerate(headers, 1)]
    lines = [
        "VERSION=3", "format=bytevalue", "type=hash", f"db_lorder={lorder}", f"db_pagesize={page_bytes}", "HEADER=END",
    ]  # fmt: skip
    for key, value in records:
        lines += [" " + struct.pack(number, key).hex(), " " + value.hex()]
    path.unlink(missing_ok=True)
    run(["db5.3_load", str(path)], "\n".join([*lines, "DATA=END", ""]))
    return path


def ndb(headers: Sequence[bytes], pages: int = 1) -> bytes:
    """Return the headers as rpm's ndb writes them; the checksum in a blob's tail is left out."""
    slots, area, block = [], b"", pages * 4096 // 16
    for number, header in enumerate(headers, 1):
        blob = struct.pack("<4sIII", b"BlbS", number, 7, len(header)) + header
        blob += bytes(-len(blob) % 16 + 4) + struct.pack("<II4s", 0, len(header), b"BlbE")
        slots.append(struct.pack("<4sIII", b"Slot", number, block, len(blob) // 16))
        area += blob
        block += len(blob) // 16
    free = struct.pack("<4sIII", b"Slot", 0, 0, 0)
    slots += [free] * (pages * 256 - 2 - len(slots))
    return struct.pack("<4sIIII12x", b"RpmP", 0, 7, pages, len(headers) + 1) + b"".join(slots) + area


Value = str | bytes | int | Iterable[str | bytes] | Iterable[int]


def header(tags: dict[int, Value]) -> bytes:
    """Return a header blob: strings for text, numbers, and lists of either for arrays."""
    index, data = b"", b""
    for tag, value in tags.items():
        if isinstance(value, (str, bytes)):
            kind, count, packed = 6, 1, _c_string(value)
        elif isinstance(value, int):
            kind, count, packed = 4, 1, struct.pack(">I", value)
        else:
            members = list(value)
            kind, count = 4 if all(isinstance(one, int) for one in members) else 8, len(members)
            packed = b"".join(
                struct.pack(">I", one) if isinstance(one, int) else _c_string(one) for one in members
            )
        data += bytes(-len(data) % 4)
        index += struct.pack(">IIII", tag, kind, len(data), count)
        data += packed
    return struct.pack(">II", len(index) // 16, len(data)) + index + data


MINIMAL: dict[int, Value] = {1000: "bash", 1001: "5.1.8", 1002: "6.el9", 1022: "x86_64"}


def minimal(name: str | bytes = "bash", **more: Value) -> bytes:
    """Return a header with name, version, release and architecture, and tags `t1234=value`."""
    return header(MINIMAL | {1000: name} | {int(key[1:]): value for key, value in more.items()})


def queried(backend: str, folder: Path) -> list[tuple[str, str, str, str, str, str, tuple[str, ...]]]:
    """Return what rpm itself says of a database, sorted.

    Name, version with epoch, architecture, licence, source rpm, modularity label, paths.
    """
    text = run(["rpm", "--define", f"_db_backend {backend}", "--dbpath", str(folder), "-qa", "--qf", _QUERY])
    found = []
    for line in text.splitlines():
        name, version, arch, licence, source, label, paths = line.split("\t")
        version = version.removeprefix("0:")
        label = label.replace("(none)", "")
        files = tuple(path.lstrip("/") for path in paths.split("\x01") if path and path != "(none)")
        found.append((name, version, arch, licence, source, label, files))
    return sorted(found)


def told(packages: Iterable[Package]) -> list[tuple[str, str, str, str, str, str, tuple[str, ...]]]:
    """Return what Lading says of packages in the form of `queried`, sorted."""
    return sorted(
        (
            package.name,
            package.version,
            package.arch,
            " ".join(package.licenses),
            f"{package.source_name}-{package.source_version}.src.rpm",
            dict(package.qualifiers).get("rpmmod", ""),
            package.files,
        )
        for package in packages
    )


def run(command: list[str], text: str = "") -> str:
    """Return what a command printed; it must succeed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, input=text)
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout


def _c_string(value: str | bytes) -> bytes:
    return (value.encode() if isinstance(value, str) else value) + b"\0"
