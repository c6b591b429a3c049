"""A large image scanned, beside syft and the bare decompressor, in one run.

Needs the images of `make images`, igzip (Debian: isal) and syft (dependency group `test`).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
IMAGES = Path(os.environ.get("LADING_TEST_IMAGES", ROOT / ".cache/images"))
PYTHON = sys.executable
LADING = [PYTHON, "-m", "lading"]


@dataclass(frozen=True)
class Run:
    """What a process took: seconds of the wall clock, seconds of all processors, MiB at the most."""

    wall_s: float
    cpu_s: float
    peak_mib: float


def run(command: list[str], **environment: str) -> Run:
    """Run a command with its output thrown away."""
    start = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ, **environment}
    ) as process:
        errors = process.stderr.read() if process.stderr else b""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in {0, 1}:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{errors.decode()[-2000:]}")
    return Run(time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def best(command: list[str], times: int, **environment: str) -> Run:
    """Return the quickest of several runs: what disturbs a machine only ever adds."""
    return min((run(command, **environment) for _ in range(times)), key=lambda one: one.wall_s)


def layers(layout: Path) -> list[str]:
    """Return the paths of an image's layer blobs."""
    manifest = json.loads((layout / "index.json").read_text())["manifests"][0]["digest"]
    blobs = layout / "blobs"
    document = json.loads((blobs / manifest.replace(":", "/")).read_text())
    return [str(blobs / layer["digest"].replace(":", "/")) for layer in document["layers"]]


def show(name: str, one: Run, note: str = "") -> None:
    print(f"  {name:44} {one.wall_s:7.2f} s  {one.cpu_s:7.2f} s cpu  {one.peak_mib:7.0f} MiB  {note}")


def main() -> None:
    """Print the figures."""
    layout = IMAGES / "web-oci"
    if not layout.is_dir():
        raise SystemExit(f"{layout} is not there: run `make images`")
    image = f"oci:{layout}"
    blobs = layers(layout)
    syft = shutil.which("syft", path=str(Path(PYTHON).parent)) or shutil.which("syft")
    with tempfile.TemporaryDirectory() as folder:
        places = {"LADING_CACHE_DIR": f"{folder}/cache", "LADING_DATA_DIR": f"{folder}/data"}
        bare = best(["igzip", "-dc", *blobs], 3)
        start = best([PYTHON, "-c", "pass"], 10)
        inventory = best([*LADING, "sbom", "--no-cache", image], 3, **places)
        run([*LADING, "scan", image], **places)  # advisories are there from now on
        first = best([*LADING, "scan", "--no-cache", "--offline", image], 3, **places)
        second = best([*LADING, "scan", "--offline", image], 5, **places)
        print(
            f"web image: {sum(Path(blob).stat().st_size for blob in blobs) / 1e6:.0f} MB in {len(blobs)} layer(s)"
        )
        show("igzip -dc of the layers", bare)
        show("lading sbom, first time", inventory, f"{inventory.wall_s / bare.wall_s:.2f} x igzip")
        show("lading scan, first time", first, f"{first.wall_s / bare.wall_s:.2f} x igzip (wanted: 2.5)")
        show(
            "lading scan, second time",
            second,
            f"{second.wall_s / start.wall_s:.1f} x python -c pass (wanted: 25)",
        )
        show("python -c pass", start)
        if syft:
            peer = best([syft, "scan", "--quiet", f"oci-dir:{layout}", "-o", "json"], 1)
            show(
                "syft oci-dir:",
                peer,
                f"lading sbom is {peer.wall_s / inventory.wall_s:.1f} x as fast (wanted: 12)",
            )
            print(
                f"  {'':44} lading scan is {peer.wall_s / first.wall_s:.1f} x as fast as syft's listing alone"
            )


if __name__ == "__main__":
    main()
