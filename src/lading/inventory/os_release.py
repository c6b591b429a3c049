"""The operating system: os-release(5), and the files that told before it was there.

os-release is written for a shell to read, but needs none: `KEY=value` lines, values bare or in quotes.
The older relatives are one line of prose (`CentOS release 6.10 (Final)`), a bare version (Debian, Alpine),
or nothing at all (Arch). Rebuilds keep the files of what they rebuild, so the rank of the more
particular file is lower: Oracle's `redhat-release` says Red Hat.
Specification: https://www.freedesktop.org/software/systemd/man/os-release.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from lading.model.fact import OsRelease
from lading.oci.reader import FileReader, TreeFile

_MAX_CHARS = 256
_NO_ID_RANK = 99
_LINE = re.compile(r"[ \t]*([A-Z][A-Z0-9_]*)=(.*)")
_ESCAPED = re.compile(r'\\([$"`\\])')
_PROSE = re.compile(r"(.{1,80}?)\s+(?:release\s+)?(?:v(?:ersion)?\s*)?([0-9][0-9.]{0,20})", re.IGNORECASE)
# The longest name that the prose begins with decides; in lower case.
_NAMES = {
    "almalinux": "almalinux", "amazon linux": "amzn", "cbl-mariner": "mariner", "centos": "centos",
    "cloudlinux": "cloudlinux", "fedora": "fedora", "mageia": "mageia", "microsoft azure linux": "azurelinux",
    "openeuler": "openeuler", "opensuse": "opensuse", "oracle linux": "ol", "red hat enterprise linux": "rhel",
    "rocky linux": "rocky", "scientific linux": "scientific", "suse linux enterprise desktop": "sled",
    "suse linux enterprise server": "sles", "vmware photon": "photon",
}  # fmt: skip


def read(file: TreeFile) -> Iterator[OsRelease]:
    """Yield what the file says of the system; nothing if it says nothing.

    Rank 0 is `etc/os-release`, 1 its copy in `usr/lib`, then the relatives in the order in which they
    are to be believed. One without `ID` comes last, as `linux`, which is what the specification says.
    """
    text = file.open().read().decode("utf-8", "replace")
    for rank, (path, parse) in enumerate(_FILES.items()):
        if path == file.path:
            found = parse(text, rank)
            if found is not None:
                yield found


def path_of(os: OsRelease) -> str:
    """Return the path of the file that told of a system; of one without `ID`, that of os-release."""
    paths = tuple(_FILES)
    return paths[os.rank] if os.rank < len(paths) else paths[0]


def _os_release(text: str, rank: int) -> OsRelease | None:
    values = _assignments(text)
    if not values:
        return None
    return OsRelease(
        id=values.get("ID", "").lower() or "linux",
        version=values.get("VERSION_ID", ""),
        name=values.get("NAME", ""),
        pretty_name=values.get("PRETTY_NAME", ""),
        codename=values.get("VERSION_CODENAME") or _sid(values.get("PRETTY_NAME", "")),
        id_like=tuple(values.get("ID_LIKE", "").lower().split()),
        variant=values.get("VARIANT_ID", ""),
        cpe=values.get("CPE_NAME", ""),
        support_end=values.get("SUPPORT_END", ""),
        rank=rank if values.get("ID") else _NO_ID_RANK,
    )


def _sid(pretty: str) -> str:
    """Debian's `PRETTY_NAME="Debian GNU/Linux forky/sid"`, where there is no codename of its own."""
    word = pretty.rpartition(" ")[2]
    return word.removesuffix("/sid") if word.endswith("/sid") else ""


def _assignments(text: str) -> dict[str, str]:
    values: dict[str, str] = {}
    for line in text.replace("\r", "").split("\n"):
        match = _LINE.match(line)
        if match:
            values[match[1]] = _unquoted(match[2].strip())[:_MAX_CHARS]
    return values


def _unquoted(value: str) -> str:
    quote = value[:1]
    if quote == "'":
        return value[1:].partition("'")[0]
    if quote == '"':
        end = 1
        while end < len(value) and value[end] != '"':
            end += 2 if value[end] == "\\" else 1
        return _ESCAPED.sub(r"\1", value[1:end])
    return re.sub(r"\\(.)", r"\1", value)


def _lsb(text: str, rank: int) -> OsRelease | None:
    values = _assignments(text)
    if not values.get("DISTRIB_ID"):
        return None
    return OsRelease(
        id=values["DISTRIB_ID"].lower().replace(" ", ""),
        version=values.get("DISTRIB_RELEASE", ""),
        name=values["DISTRIB_ID"],
        pretty_name=values.get("DISTRIB_DESCRIPTION", ""),
        codename=values.get("DISTRIB_CODENAME", ""),
        rank=rank,
    )


def _prose(text: str, rank: int) -> OsRelease | None:
    line = text.strip().partition("\n")[0][:_MAX_CHARS].strip()
    match = _PROSE.match(line)
    lower = line.lower()
    name = max((name for name in _NAMES if lower.startswith(name)), key=len, default="")
    if not (match and name):
        return None
    return OsRelease(
        id=_NAMES[name],
        version=match[2].rstrip("."),
        name=match[1],
        pretty_name=line,
        rank=rank,
    )


def _suse(text: str, rank: int) -> OsRelease | None:
    found = _prose(text, rank)
    level = re.search(r"(?m)^PATCHLEVEL\s*=\s*([1-9][0-9]?)", text)
    if found is None or not level:
        return found
    return OsRelease(
        id=found.id,
        version=f"{found.version}.{level[1]}",
        name=found.name,
        pretty_name=f"{found.name} {found.version} SP{level[1]}",
        rank=rank,
    )


def _debian(text: str, rank: int) -> OsRelease | None:
    word = text.strip()[:_MAX_CHARS]
    if re.fullmatch(r"[0-9]+(\.[0-9]+)*", word):
        return OsRelease(id="debian", version=word.partition(".")[0], name="Debian GNU/Linux", rank=rank)
    if re.fullmatch(r"[a-z]+(/sid)?", word):
        codename = word.removesuffix("/sid")
        return OsRelease(id="debian", codename=codename, name="Debian GNU/Linux", rank=rank)
    return None


def _alpine(text: str, rank: int) -> OsRelease | None:
    word = text.strip()[:_MAX_CHARS]
    if not re.fullmatch(r"[0-9]+\.[0-9][0-9A-Za-z._]*", word):
        return None
    return OsRelease(id="alpine", version=word, name="Alpine Linux", rank=rank)


def _arch(text: str, rank: int) -> OsRelease | None:
    # Arch's own is empty; Manjaro and others write their name into it.
    return None if text.strip() else OsRelease(id="arch", name="Arch Linux", rank=rank)


_FILES: dict[str, Callable[[str, int], OsRelease | None]] = {
    "etc/os-release": _os_release,
    "usr/lib/os-release": _os_release,
    "etc/alpine-release": _alpine,
    "etc/oracle-release": _prose,
    "etc/almalinux-release": _prose,
    "etc/rocky-release": _prose,
    "etc/centos-release": _prose,
    "etc/fedora-release": _prose,
    "etc/mageia-release": _prose,
    "etc/photon-release": _prose,
    "etc/mariner-release": _prose,
    "etc/azurelinux-release": _prose,
    "etc/openEuler-release": _prose,
    "etc/SuSE-release": _suse,
    "etc/system-release": _prose,
    "etc/redhat-release": _prose,
    "etc/lsb-release": _lsb,
    "etc/debian_version": _debian,
    "etc/arch-release": _arch,
}

OS_RELEASE = FileReader(name="os/release", paths=tuple(_FILES), read=read, max_bytes=64 * 1024)
