"""Places where images are built by buildah and by Lading from the same bases, by root or by an ordinary user."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from build.image_files import Pictured, Pictures
from ordinary import User

_CASE = re.compile(r"^=== (\S+)$\n", re.MULTILINE)
TIMEOUT_S = 120


@dataclass(frozen=True)
class Case:
    """A Dockerfile with what belongs to it.

    arguments: of both programs. context: lines of shell that make the context. refused: both have to fail.
    only: who builds it, if not everybody. layers: whether buildah has to make a layer for each step, as Lading does.
    """

    name: str
    dockerfile: str
    context: str = ""
    arguments: tuple[str, ...] = ()
    refused: bool = False
    only: str = ""
    layers: bool = False


def cases(path: Path) -> Iterator[Case]:
    """Read the cases of a file, `FILE/NAME` each: a line `=== NAME`, then lines `$ shell`, `? argument`, `! remark`, then the Dockerfile."""
    pieces = _CASE.split(path.read_text("utf-8"))[1:]
    for name, body in zip(pieces[::2], pieces[1::2], strict=True):
        lines = body.splitlines(keepends=True)
        marked: dict[str, list[str]] = {"$ ": [], "? ": [], "! ": []}
        while lines and lines[0][:2] in marked:
            line = lines.pop(0)
            marked[line[:2]].append(line[2:])
        remarks = {line.strip() for line in marked["! "]}
        assert remarks <= {"refused", "root", "user", "layers"}, f"{name}: {remarks}"
        yield Case(
            f"{path.stem}/{name}",
            "".join(lines).replace("@CASE@", name),
            "".join(marked["$ "]),
            tuple(word for line in marked["? "] for word in line.split()),
            "refused" in remarks,
            next(iter(remarks & {"root", "user"}), ""),
            "layers" in remarks,
        )


@dataclass
class Ended:
    """How a build ended. picture: of the image, if there is one."""

    output: str
    picture: Pictured | None


@dataclass
class Place:
    """Storage of both programs, with the same bases in both. folder: below which everything lies."""

    folder: Path
    user: User | None = None
    pictures: Pictures = field(default_factory=Pictures)
    count: int = 0

    def prepare(self, bases: Path, names: Sequence[str]) -> None:
        """Bring the bases, each a directory of skopeo's form below `bases`, into both storages."""
        for name in names:
            source = f"dir:{bases / name.replace(':', '-')}"
            known = self.check(*self._buildah, "pull", "-q", source).strip()
            self.check(*self._buildah, "tag", known, f"docker.io/library/{name}")
            self.check(*self._lading, "tag", source, name)

    def make(self, case: Case) -> Path:
        """Make a folder with the context of a case, and return it."""
        self.count += 1
        folder = self.folder / f"{self.count}-{case.name.replace('/', '-')}"
        self.check("mkdir", "-p", str(folder / "context"))
        (folder / "Dockerfile").write_text(case.dockerfile)
        if case.context:
            self.check("/bin/sh", "-euc", f"umask 022; cd context\n{case.context}", within=folder)
        return folder

    def by_buildah(self, folder: Path, *arguments: str, layers: bool = False) -> Ended:
        """Build with buildah, as a Docker image, since what is only in those is compared as well."""
        # What buildah tells of itself in a label is not asked for; nor is anything fetched.
        options = ["--format", "docker", "--isolation", "chroot", "--pull=never", "--identity-label=false"]
        options.append(f"--layers={str(layers).lower()}")
        done = self.run(
            *self._buildah,
            "bud",
            *options,
            "-f",
            "Dockerfile",
            "-t",
            "it",
            *arguments,
            "context",
            within=folder,
        )
        if done.returncode:
            return Ended(done.stderr + done.stdout, None)
        target = folder / "buildah"
        self.check(*self._buildah, "push", "-q", "-D", "it", f"dir:{target}")
        return Ended(done.stdout, self.pictures.of_directory(target))

    def by_lading(self, folder: Path, *arguments: str) -> Ended:
        """Build with Lading."""
        done = self.run(
            *self._lading, "build", "-f", "Dockerfile", "-t", "it", *arguments, "context", within=folder
        )
        if done.returncode:
            return Ended(done.stderr + done.stdout, None)
        store = self.folder / "data" / "images"
        return Ended(done.stderr, self.pictures.of_layout(store, done.stdout.strip()))

    def check(self, *argv: str, within: Path | None = None) -> str:
        """Run a program that has to succeed, and return what it printed."""
        done = self.run(*argv, within=within)
        assert done.returncode == 0, f"{argv}: {done.stderr}"
        return done.stdout

    def run(self, *argv: str, within: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run a program as whom this place belongs to."""
        kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
        environ = {
            **kept, "HOME": str(self.folder), "LANG": "C.UTF-8", "TMPDIR": str(self.folder), "SECRET": "by environment",
            "LADING_CACHE_DIR": str(self.folder / "cache"), "LADING_DATA_DIR": str(self.folder / "data"),
        }  # fmt: skip
        return subprocess.run(
            argv if self.user is None else self.user.command(argv), capture_output=True, text=True, check=False,
            errors="replace", cwd=within or self.folder, env=environ, timeout=TIMEOUT_S, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    @property
    def _buildah(self) -> list[str]:
        places = ["--root", str(self.folder / "root"), "--runroot", str(self.folder / "runroot")]
        # Without that, a mount would stay behind.
        unmounted = ["--storage-opt", "overlay.skip_mount_home=true"]
        return ["buildah", *places, "--storage-driver", "overlay", *unmounted]

    @property
    def _lading(self) -> list[str]:
        return [sys.executable, "-m", "lading"]
