"""Commands run in the files of a real Alpine, by each way that this machine has."""

from __future__ import annotations

import io
import json
import os
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest

import needs
from lading.build import isolation, run
from lading.build.run_spec import Isolation, Outcome, RunSpec, Runtime

ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}


def alpine_layer(name: str = "alpine-310.tar.gz") -> bytes:
    """Return the one layer of a real image, a tar."""
    with tarfile.open(needs.images() / name) as archive:
        read = archive.extractfile("manifest.json")
        assert read is not None
        (entry,) = json.load(read)
        (layer,) = entry["Layers"]
        data = archive.extractfile(layer)
        assert data is not None
        return data.read()


def unpack_alpine(target: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(alpine_layer())) as tar:
        tar.extractall(target, filter="fully_trusted")


@dataclass
class Runner:
    """Runs shell scripts upon layers; keeps where the changes are."""

    folder: Path
    lowers: Sequence[Path]
    isolation: Isolation
    root: str = ""
    said: list[str] = field(default_factory=list)
    count: int = 0

    @property
    def upper(self) -> Path:
        return self.folder / f"run-{self.count}" / "upper"

    @property
    def output(self) -> str:
        return "".join(self.said)

    def __call__(self, script: str, **more: Any) -> Outcome:  # noqa: ANN401 -- of RunSpec
        return self.words(("/bin/sh", "-c", script), **more)

    def words(
        self,
        argv: tuple[str, ...],
        *,
        control: run.Control | None = None,
        **more: Any,  # noqa: ANN401 -- likewise
    ) -> Outcome:
        spec = self.spec(argv, **more)
        return run.execute(spec, self.isolation, output=self.said.append, control=control)

    def spec(self, argv: tuple[str, ...], **more: Any) -> RunSpec:  # noqa: ANN401 -- likewise
        self.said.clear()
        self.count += 1
        work = self.upper.parent / "work"
        for folder in (self.upper, work):
            folder.mkdir(parents=True)
        lowers = tuple(map(str, self.lowers))
        spec = RunSpec(argv=argv, lowers=lowers, upper=str(self.upper), work=str(work), env=dict(ENVIRONMENT))
        if self.root:
            spec = msgspec.structs.replace(spec, lowers=(), upper="", root=self.root)
        return msgspec.structs.replace(spec, **more)

    def changed(self) -> list[str]:
        """Return the paths in the upper directory that are no directories below others."""
        found = sorted(path.relative_to(self.upper) for path in self.upper.rglob("*"))
        return [str(path) for path in found]


RUNTIMES = [
    *(pytest.param(name, marks=needs.tool(name)) for name in ("crun", "runc", "bwrap")),
    "chroot",
]


def runner(folder: Path, lowers: Sequence[Path], runtime: Runtime | None = None) -> Runner:
    if os.geteuid() != 0:
        pytest.skip("needs root")
    return Runner(folder, lowers, isolation.probe(folder / "probed", runtime))


def processes(word: str) -> list[int]:
    """Return the processes of this machine whose command line has a word."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and word.encode() in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue
    return [pid for pid in found if pid != os.getpid()]
