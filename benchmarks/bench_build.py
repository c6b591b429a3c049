"""A large image built of 64,000 files, beside buildah, in one run; and built again with everything known.

Needs the images of `make images`, and buildah (Debian: buildah). Made upon storage of its own, in a temporary folder.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bench_scan import IMAGES, LADING, ROOT, Run, layers, run, show

TIMES = 3
BUILDAH_TIMES = 2  # it takes longest
DOCKERFILE = "FROM scratch\nCOPY . /\n"


class Site:
    """A folder in which builds happen. context: the files. Both programs start with nothing known."""

    def __init__(self, folder: Path, context: Path) -> None:
        self.folder = folder
        self.context = context
        self.dockerfile = folder / "Dockerfile"
        self.dockerfile.write_text(DOCKERFILE)
        self.count = 0

    def new(self) -> Path:
        """Return a folder for caches and storage that nothing has used yet."""
        self.count += 1
        made = self.folder / str(self.count)
        made.mkdir()
        return made

    def buildah(self, place: Path, *more: str) -> Run:
        """Build with buildah, its storage below `place`."""
        storage = [
            "--root",
            str(place / "root"),
            "--runroot",
            str(place / "run"),
            "--storage-driver",
            "overlay",
        ]
        storage += ["--storage-opt", "overlay.skip_mount_home=true"]
        words = ["bud", "-q", "--isolation", "chroot", "-t", "web", *more, "-f", str(self.dockerfile)]
        return run(["buildah", *storage, *words, str(self.context)])

    def lading(self, place: Path, *more: str) -> Run:
        """Build with Lading, its store and its caches below `place`."""
        words = ["build", "-q", "-t", "web", "-f", str(self.dockerfile), *more, str(self.context)]
        return run([*LADING, *words], **_places(place))


def _places(place: Path) -> dict[str, str]:
    return {"LADING_CACHE_DIR": f"{place}/cache", "LADING_DATA_DIR": f"{place}/data"}


def _quickest(runs: list[Run]) -> Run:
    return min(runs, key=lambda one: one.wall_s)


def _digest(place: Path) -> str:
    command = [*LADING, "images", "-q"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env={**os.environ, **_places(place)}
    )
    return done.stdout.strip()


def _unpack(target: Path) -> None:
    for layer in layers(IMAGES / "web-oci"):
        subprocess.run(
            ["tar", "-xf", layer, "-C", str(target), "--exclude=./dev/*", "--exclude=dev/*"], check=True
        )


def _first(site: Site) -> None:
    """Both in turn, so that what disturbs the machine disturbs both."""
    pairs = []
    for _ in range(BUILDAH_TIMES):
        place = site.new()
        pairs.append((site.buildah(place), site.lading(place)))
        shutil.rmtree(place)
    buildah, lading = (_quickest([pair[at] for pair in pairs]) for at in (0, 1))
    show("buildah bud", buildah, "not compressed")
    show("lading build", lading, f"{lading.wall_s / buildah.wall_s:.2f} x buildah (wanted: 0.6)")


def _again(site: Site) -> None:
    place = site.new()
    site.buildah(place, "--layers")
    site.lading(place)
    buildah = _quickest([site.buildah(place, "--layers") for _ in range(BUILDAH_TIMES)])
    lading = _quickest([site.lading(place) for _ in range(TIMES + 2)])
    shutil.rmtree(place)
    show("buildah bud --layers, all known", buildah)
    part = lading.wall_s / buildah.wall_s
    show("lading build, all known", lading, f"{part:.2f} x buildah (wanted: 0.1, and under 0.5 s)")


def _identical(site: Site) -> bool:
    digests = []
    for _ in range(2):
        place = site.new()
        site.lading(place, "--timestamp", "0")
        digests.append(_digest(place))
        shutil.rmtree(place)
    print(f"  two builds, nothing known: {digests[0]}\n  {'':26} {digests[1]}")
    return digests[0] == digests[1] != ""


def _scanned(site: Site) -> None:
    known = site.new()
    mirror = ROOT.parent / "shared" / "mirror" / "osv"
    if mirror.is_dir():
        os.environ.setdefault("LADING_OSV_URL", mirror.as_uri())
    run([*LADING, "scan", f"oci:{IMAGES / 'web-oci'}"], **_places(known))  # advisories are there from now on
    ways: dict[str, list[str]] = {
        "": [],
        "--sbom": ["--sbom", str(site.folder / "bill.json")],
        "--scan": ["--scan", "--offline"],
    }
    found: dict[str, list[Run]] = {name: [] for name in ways}
    for _ in range(TIMES + 2):
        for name, more in ways.items():
            place = site.new()
            shutil.copytree(known / "data", place / "data")
            found[name].append(site.lading(place, *more))
            shutil.rmtree(place)
    bare = _quickest(found[""])
    for name, runs in found.items():
        one = _quickest(runs)
        note = f"{(one.wall_s / bare.wall_s - 1) * 100:+.1f} % (wanted: 5)" if name else ""
        show(f"lading build {name}".rstrip(), one, note)


def main() -> int:
    """Print the figures; return 1 if two builds of the same differ."""
    if not (IMAGES / "web-oci").is_dir():
        raise SystemExit(f"{IMAGES / 'web-oci'} is not there: run `make images`")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        context = folder / "context"
        context.mkdir()
        _unpack(context)
        site = Site(folder, context)
        count = sum(len(directories) + len(files) for _, directories, files in os.walk(context))
        print(f"web image as files: {count} in a context")
        if shutil.which("buildah"):
            _first(site)
            _again(site)
        else:
            print("  buildah is not installed: nothing to compare with")
        _scanned(site)
        return 0 if _identical(site) else 1


if __name__ == "__main__":
    sys.exit(main())
