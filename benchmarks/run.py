"""Every benchmark, one after the other: `make bench`. Figures that were kept stand in README.md beside this file."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path


def main() -> int:
    """Run each `bench_*.py` of this folder; return 1 if one failed."""
    print(
        f"{platform.machine()}, Python {platform.python_version()}, {platform.system()} {platform.release()}"
    )
    failed = []
    for path in sorted(Path(__file__).parent.glob("bench_*.py")):
        print(f"\n== {path.stem.removeprefix('bench_')}", flush=True)
        if subprocess.run([sys.executable, path], check=False).returncode:
            failed.append(path.name)
    if failed:
        print("\nfailed: " + ", ".join(failed))
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
