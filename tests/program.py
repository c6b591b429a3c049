"""The real program, in a process of its own, with places of its own."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import imaging
from advisories import bulk
from loopback import Exchange, Served, serve

TIMEOUT_S = 100
# What steers a terminal: escape sequences, and any control character but the line end.
CONTROLS = re.compile(rb"[\x00-\x09\x0b-\x1f\x7f]")

STATUS = b"Package: tool\nStatus: install ok installed\nVersion: 1.0-1\nArchitecture: amd64\n"
WHEEL = b"Metadata-Version: 2.1\nName: Django\nVersion: 4.2\n"
TREE: imaging.Tree = {
    "etc/os-release": b'ID=debian\nVERSION_ID=12\nPRETTY_NAME="Debian GNU/Linux 12"\n',
    "var/lib/dpkg/status": STATUS,
    "opt/django-4.2.dist-info/METADATA": WHEEL,
}
RECORDS = {
    "Debian": [
        bulk.record("DSA-1", "Debian:12", "tool", *bulk.span("0", "1.0-2"), aliases=["CVE-2024-1001"]),
    ],
    "PyPI": [
        bulk.record(
            "GHSA-1", "PyPI", "django", *bulk.span("0", "4.2.1"), aliases=["CVE-2024-1002"],
            severity=[{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
        ),
        bulk.record("GHSA-2", "PyPI", "django", {"introduced": "0"}, aliases=["CVE-2024-1003"]),
    ],
}  # fmt: skip


def heed_interrupts() -> None:
    """What a shell starts in the background ignores SIGINT, and hands that down."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@dataclass(frozen=True)
class Lading:
    """The program with a folder in which it works, and which its cache and data are below."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)

    def __call__(
        self,
        *arguments: str | Path,
        environ: Mapping[str, str] | None = None,
        **more: Any,  # noqa: ANN401 -- of subprocess.run
    ) -> subprocess.CompletedProcess[bytes]:
        """Run to its end; output is taken unless `more` says where it goes."""
        more.setdefault("stdout", subprocess.PIPE)
        return subprocess.run(
            self.command(arguments), stderr=subprocess.PIPE, check=False, timeout=TIMEOUT_S, cwd=self.folder,
            env=self.environment(environ), **more,
        )  # fmt: skip

    def start(
        self, *arguments: str | Path, environ: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start, with both outputs as pipes."""
        return subprocess.Popen(
            self.command(arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.folder,
            env=self.environment(environ), preexec_fn=heed_interrupts,  # noqa: PLW1509 - it only sets a signal
        )  # fmt: skip

    def on_terminal(
        self,
        *arguments: str | Path,
        environ: Mapping[str, str] | None = None,
        out: int | None = None,
        typed: bytes = b"",
    ) -> tuple[int, str]:
        """Run with a terminal for input, output and errors; return exit status and all that was shown.

        out: a file descriptor for standard output instead. typed: what comes from the keyboard.
        """
        ours, theirs = pty.openpty()
        with subprocess.Popen(
            self.command(arguments), stdin=theirs, stdout=theirs if out is None else out, stderr=theirs,
            cwd=self.folder, env=self.environment({"TERM": "xterm-256color", "COLUMNS": "110", **(environ or {})}),
        ) as process:  # fmt: skip
            os.close(theirs)
            os.write(ours, typed)
            shown = _drain(ours, time.monotonic() + TIMEOUT_S)
            os.close(ours)
            return process.wait(TIMEOUT_S), shown.decode()

    def command(self, arguments: Sequence[str | Path]) -> list[str]:
        """Return the words of the command."""
        return [sys.executable, "-m", "lading", *map(str, arguments)]

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return an environment without any of this machine's settings."""
        kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
        own = {
            "HOME": str(self.folder / "home"),
            "LADING_CACHE_DIR": str(self.folder / "cache"),
            "LADING_DATA_DIR": str(self.folder / "data"),
            "LADING_OSV_URL": (self.folder / "osv").as_uri(),
            "SOURCE_DATE_EPOCH": "1735689600",  # 2025-01-01
            "LANG": "C.UTF-8",
        }
        return {**kept, **own, **self.environ, **(more or {})}


def publish(folder: Path) -> None:
    """Put advisories for `TREE` where `Lading` looks for them."""
    for family, records in RECORDS.items():
        bulk.publish(folder / "osv", family, records)


def _drain(terminal: int, until: float) -> bytes:
    shown = b""
    while time.monotonic() < until:
        if not select.select([terminal], [], [], 1.0)[0]:
            continue
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # Linux's way to say that the other side is closed
            break
        if not piece:
            break
        shown += piece
    return shown


@contextmanager
def registry(folder: Path, large: Callable[[Exchange, bytes], None]) -> Iterator[Served]:
    """Serve the image of a layout as a registry does; its largest blob by `large`.

    The image is `docker://HOST/image:test`, for a program that is told `--insecure`.
    """
    blobs = {f"sha256:{path.name}": path.read_bytes() for path in (folder / "blobs/sha256").iterdir()}
    (manifest,) = json.loads((folder / "index.json").read_bytes())["manifests"]

    def answer(exchange: Exchange) -> None:
        name = exchange.path.rpartition("/")[2]
        data = blobs.get(manifest["digest"] if name == "test" else name, b"")
        if exchange.path == "/v2/":
            exchange.reply()
        elif not data:
            exchange.reply(404)
        elif "/manifests/" in exchange.path:
            exchange.reply(200, data, {"Content-Type": manifest["mediaType"]})
        elif len(data) == max(map(len, blobs.values())):
            large(exchange, data)
        else:
            exchange.reply(200, data)

    with serve(answer) as served:
        yield served
