"""How fast advisories are stored and matched, beside what the same machine needs for the bare work.

    python benchmarks/bench_advisories.py [--mirror DIR] [--images DIR] [--runs N]

Update: all ecosystems of the mirror into empty stores, one process, from `file://`. Beside it: `unzip -p`
of the same archives, and the same records through the json module, nothing kept.
Match: packages of Debian 11 without updates and of a web application, stores open and read once before.
Beside it: as many bare look-ups by primary key in the same SQLite file.
Each figure is the median of N runs, with the fastest and the slowest; runs of the two sides alternate,
each in an interpreter of its own, and imports are not counted. Nothing is left out.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
UPDATE = """
import json, resource, sys, time
from pathlib import Path
from lading.advisories.sync import Source, update
mirror, data_dir = Path(sys.argv[1]), Path(sys.argv[2])
families = (mirror / "osv/ecosystems.txt").read_text().split()
source = Source((mirror / "osv").as_uri())
begin = time.perf_counter()
outcomes = update(families, data_dir, source, lambda: None, max_age_s=0, now=1e9)
spent_s = time.perf_counter() - begin
assert {one.action for one in outcomes} == {"full"}, outcomes
peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"spent_s": spent_s, "records": sum(one.records for one in outcomes), "peak_mib": peak_kib / 1024}))
"""
BARE = """
import json, sys, time, zipfile
from pathlib import Path
begin = time.perf_counter()
for path in Path(sys.argv[1]).glob("osv/*/all.zip"):
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            json.loads(archive.read(name))
print(json.dumps({"spent_s": time.perf_counter() - begin}))
"""
MATCH = """
import json, sqlite3, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from advisories import installed
from lading.advisories.match import findings
from lading.advisories.meta import path_of
from lading.advisories.store import open_stores
data_dir, image, count = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[4])
packages = installed.packages(image)
packages = [one for n in range(1 + count // len(packages)) for one in packages][:count] if count else packages
ecosystems = {one.ecosystem for one in packages}
def run():
    begin = time.perf_counter()
    with open_stores(data_dir, ecosystems) as stores:
        found = findings(packages, stores).findings
    return time.perf_counter() - begin, found
run()
spent_s, found = run()
with sqlite3.connect(path_of(data_dir, packages[0].ecosystem.partition(":")[0])) as store:
    begin = time.perf_counter()
    for one in packages:
        store.execute("SELECT n FROM affected WHERE name = ? AND release = ''", (one.name,)).fetchall()
    bare_s = time.perf_counter() - begin
print(json.dumps({"spent_s": spent_s, "bare_s": bare_s, "packages": len(packages), "findings": len(found)}))
"""


def run(code: str, *arguments: object) -> dict[str, float]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def unzip_s(mirror: Path) -> float:
    import time

    begin = time.perf_counter()
    for path in sorted(mirror.glob("osv/*/all.zip")):
        subprocess.run(["unzip", "-p", str(path)], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begin


def shown(values: list[float], unit: str, factor: float = 1) -> str:
    low, middle, high = (factor * value for value in (min(values), statistics.median(values), max(values)))
    return f"{middle:8.2f} {unit}  ({low:.2f} to {high:.2f})"


def update(mirror: Path, data_dir: Path, runs: int) -> None:
    ours, bare, unzip, peak = [], [], [], []
    records = 0
    for _ in range(runs):
        shutil.rmtree(data_dir, ignore_errors=True)
        found = run(UPDATE, mirror, data_dir)
        ours.append(found["spent_s"])
        peak.append(found["peak_mib"])
        records = int(found["records"])
        bare.append(run(BARE, mirror)["spent_s"])
        if shutil.which("unzip"):
            unzip.append(unzip_s(mirror))
    print(f"update, {records:,} records")
    print(f"  lading             {shown(ours, 's')}")
    print(f"  zipfile and json   {shown(bare, 's')}")
    print(f"  unzip -p           {shown(unzip, 's') if unzip else '(not installed)'}")
    print(f"  ratio to zipfile and json {statistics.median(ours) / statistics.median(bare):.2f}")
    if unzip:
        print(f"  ratio to unzip -p         {statistics.median(ours) / statistics.median(unzip):.2f}")
    print(f"  peak memory        {shown(peak, 'MiB')}")


def match(data_dir: Path, image: Path, runs: int, count: int) -> None:
    found = [run(MATCH, data_dir, image, ROOT / "tests", count) for _ in range(runs)]
    ours, bare = ([one[name] for one in found] for name in ("spent_s", "bare_s"))
    print(f"match, {image.name}: {found[0]['packages']:.0f} packages, {found[0]['findings']:.0f} findings")
    print(f"  lading             {shown(ours, 'ms', 1000)}")
    print(f"  bare look-ups      {shown(bare, 'ms', 1000)}")
    print(f"  ratio              {statistics.median(ours) / statistics.median(bare):.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--mirror", type=Path, default=os.environ.get("LADING_TEST_MIRROR", ROOT.parent / "shared" / "mirror")
    )
    parser.add_argument(
        "--images", type=Path, default=os.environ.get("LADING_TEST_IMAGES", ROOT / ".cache" / "images")
    )
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder) / "data"
        update(options.mirror, data_dir, options.runs)
        for name, count in (("old.tar", 0), ("web.tar", 1000)):
            if (options.images / name).is_file():
                match(data_dir, options.images / name, options.runs, count)
            else:
                print(f"match: no {name} in {options.images} (make images)")


if __name__ == "__main__":
    main()
