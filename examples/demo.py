"""The demonstration that `make demo` runs: a real image is made, scanned and reported on.

1. pip installs what `shop/requirements.txt` pins into a folder, as it would within an image.
2. Lading makes two layers of it, dependencies and application, and writes an OCI layout.
3. Lading scans the image; the table goes to the terminal, the page to `report.html`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from lading.oci import pack
from lading.oci.image import Platform

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
DEMO = ROOT / "demo"
# Wheels for one platform, so that the image is the same wherever it is made.
PIP = (
    "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-compile", "--only-binary=:all:",
    "--platform=manylinux2014_x86_64", "--implementation=cp", "--python-version=3.11",
)  # fmt: skip


def make_image(layout: Path) -> None:
    """Write the image of the shop to an OCI layout."""
    with tempfile.TemporaryDirectory(dir=DEMO) as folder:
        work = Path(folder)
        site, app = work / "site", work / "app"
        app.mkdir()
        (app / "app.py").write_bytes((HERE / "shop/app.py").read_bytes())
        requirements = HERE / "shop/requirements.txt"
        subprocess.run([sys.executable, "-m", "pip", *PIP, "--target", site, "-r", requirements], check=True)
        layers = [
            pack.pack(
                site,
                "srv/site-packages",
                work / "dependencies.tar.gz",
                created_by="RUN pip install --target /srv/site-packages -r requirements.txt",
            ),
            pack.pack(app, "srv/app", work / "app.tar.gz", created_by="COPY app.py /srv/app/"),
        ]
        pack.write_image(
            layout,
            layers,
            tag="latest",
            platform=Platform("linux", "amd64"),
            created="2023-06-01T00:00:00Z",
            execution={
                "Cmd": ["flask", "run"],
                "Env": ["PYTHONPATH=/srv/site-packages"],
                "WorkingDir": "/srv/app",
            },
        )


def lading(*words: str, **environment: str) -> int:
    """Run the program as a user would; return its exit status."""
    print("\n$ lading " + " ".join(words), flush=True)
    command = [sys.executable, "-m", "lading", *words]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=False).returncode


def own_advisories() -> str:
    """Pack the advisories that lie beside this file as OSV's bulk export is; return its URL."""
    folder = DEMO / "osv" / "PyPI"
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted((HERE / "advisories/PyPI").glob("*.json")):
            archive.write(path, path.name)
    return (DEMO / "osv").as_uri()


def main() -> int:
    """Run the three steps; return 0 if the report was written."""
    DEMO.mkdir(exist_ok=True)
    print("Making an image of examples/shop: pip install, then an OCI layout in demo/shop")
    make_image(DEMO / "shop")
    environment: dict[str, str] = {}
    if lading("db", "update", "--ecosystem", "PyPI"):
        print(
            "\nNeither OSV nor a mirror (LADING_OSV_URL) can be reached: the demonstration goes on with the"
        )
        print("advisories in examples/advisories, which are few and only good for this image.")
        environment = {"LADING_OSV_URL": own_advisories(), "LADING_DATA_DIR": str(DEMO / "data")}
    status = lading(
        "scan", "oci:demo/shop", "--format", "table", "--format", "html=report.html", **environment
    )
    print(f"\nThe same as a page: {(ROOT / 'report.html').as_uri()}")
    return status


if __name__ == "__main__":
    sys.exit(main())
