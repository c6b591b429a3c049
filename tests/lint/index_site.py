"""Indexes on a loopback port: files by path, in the formats that the real ones have."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import lzma
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import loopback
from lading import net
from lading.lint.pin_source import Wanted
from lading.lint.pins import Pins
from lading.lint.pins_bases import Bases
from lading.lint.pins_fetch import Pinned, Unknown
from lading.record import values


@dataclass
class Site:
    """A server of `files`, by path with its slash; `special` answers in its own way. url: without a slash."""

    url: str = ""
    served: loopback.Served = field(default_factory=lambda: loopback.Served("", ""))
    files: dict[str, bytes] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    special: dict[str, Callable[[loopback.Exchange], None]] = field(default_factory=dict)

    def answer(self, exchange: loopback.Exchange) -> None:
        """Answer a request."""
        path = exchange.path
        if path in self.special:
            self.special[path](exchange)
        elif path in self.files:
            exchange.reply(body=self.files[path], headers={"Content-Type": self.types.get(path, "")})
        else:
            exchange.reply(404)

    def pins(self, cache_dir: Path | None = None, **options: object) -> Pins:
        """Return a `Pins` whose indexes are all here, each below its own name."""
        names = values(Bases())
        bases = Bases(**{name: f"{self.url}/{name}" for name in names})
        return Pins(client, bases=bases, cache_dir=cache_dir, **options)  # type: ignore[arg-type]  # named by the test

    def ask(self, index: str, *names: str, base: str = "", **options: object) -> Pinned:
        """Ask a new `Pins`."""
        return self.pins(**options).ask(Wanted(index, names, base))  # type: ignore[arg-type]  # as above


def client(insecure: bool) -> net.Client:  # noqa: FBT001 - as edges make them
    """Return a client that waits for nothing."""
    return net.client(insecure=insecure, timeout_s=5, retry=net.Retry(retries=2, sleep=lambda _s: None))


@contextlib.contextmanager
def site() -> Iterator[Site]:
    """Serve a site, empty at first."""
    made = Site()
    with loopback.serve(made.answer) as served:
        made.url, made.served = served.url, served
        yield made


def reason(answer: str | Unknown) -> str:
    """Return why there is no version."""
    assert isinstance(answer, Unknown), answer
    return answer.reason


def apt_index(packages: dict[str, str]) -> bytes:
    """Return a Packages file."""
    return "".join(
        f"Package: {name}\nArchitecture: amd64\nVersion: {version}\nDescription: what it is\n Version: 0 in a text\n\n"
        for name, version in packages.items()
    ).encode()


def xz(data: bytes) -> bytes:
    """Return xz data."""
    return lzma.compress(data)


def apk_index(packages: dict[str, str], signature: bytes = b"signed") -> bytes:
    """Return an APKINDEX.tar.gz as abuild-sign leaves it: two gzip members, the first tar without an end."""
    text = "".join(f"C:Q1x=\nP:{name}\nV:{version}\nA:x86_64\nS:1\n\n" for name, version in packages.items())
    signed = _tar({".SIGN.RSA.builder.rsa.pub": signature})[:1024]
    return gzip.compress(signed) + gzip.compress(_tar({"DESCRIPTION": b"v3", "APKINDEX": text.encode()}))


def _tar(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return stream.getvalue()


REPOMD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<repomd xmlns="http://linux.duke.edu/metadata/repo" '
    'xmlns:rpm="http://linux.duke.edu/metadata/rpm"><revision>1</revision>{}</repomd>'
)


def rpm_repository(packages: list[tuple[str, str, str]], modules: str = "") -> dict[str, bytes]:
    """Return the files of a repository. packages: (name, architecture, `epoch:version-release`)."""
    primary = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<metadata xmlns="http://linux.duke.edu/metadata/common" '
        f'packages="{len(packages)}">' + "".join(_rpm(*one) for one in packages) + "</metadata>"
    )
    files = {"repodata/1-primary.xml.gz": gzip.compress(primary.encode())}
    data = '<data type="primary"><location href="repodata/1-primary.xml.gz"/></data>'
    if modules:
        files["repodata/2-modules.yaml.gz"] = gzip.compress(modules.encode())
        data += '<data type="modules"><location href="repodata/2-modules.yaml.gz"/></data>'
    return {**files, "repodata/repomd.xml": REPOMD.format(data).encode()}


def _rpm(name: str, arch: str, version: str) -> str:
    epoch, _, rest = version.partition(":")
    number, _, release = rest.partition("-")
    return (
        f'<package type="rpm"><name>{name}</name><arch>{arch}</arch><version epoch="{epoch}" ver="{number}" '
        f'rel="{release}"/><summary>A &amp; B</summary><format xmlns:rpm="http://linux.duke.edu/metadata/rpm">'
        f'<rpm:provides><rpm:entry name="x" epoch="9" ver="9"/></rpm:provides></format></package>'
    )


def packument(latest: str, versions: list[str], deprecated: tuple[str, ...] = ()) -> bytes:
    """Return an npm package's document."""
    listed = {one: {"name": "x", **({"deprecated": "old"} if one in deprecated else {})} for one in versions}
    return json.dumps(
        {"name": "x", "dist-tags": {"latest": latest, "next": versions[-1]}, "versions": listed}
    ).encode()
