"""`lading build --scan`, `--fail-on` and `--sbom`: the image is inventoried while it is made."""

from __future__ import annotations

import json

import pytest

from program import TREE, Lading

DOCKERFILE = """\
FROM scratch
LABEL a=b

COPY site /
COPY later /etc/later
"""


@pytest.fixture
def build(lading: Lading) -> Lading:
    """Return the program with a context in which a package is that has known flaws."""
    context = lading.folder / "context"
    for path, data in TREE.items():
        assert isinstance(data, bytes)
        place = context / "site" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    (context / "later").write_text("x")
    (context / "Dockerfile").write_text(DOCKERFILE)
    return lading


@pytest.mark.parametrize(("severity", "status"), [("critical", 1), ("never", 0)])
def test_findings_by_the_line_that_brought_them(build: Lading, severity: str, status: int) -> None:
    arguments = ("build", "--scan", "--fail-on", severity, "-t", "app", "context")
    first = build(*arguments)
    assert first.returncode == status, first.stderr
    shown = first.stdout.decode()
    layer = shown[shown.index("Layer 1 of 2") :]
    assert "Dockerfile:4: COPY site /" in layer.splitlines()[1]
    assert {word for word in layer.split() if word.startswith("CVE-")} == {
        "CVE-2024-1001",
        "CVE-2024-1002",
        "CVE-2024-1003",
    }
    # All of it is cached now, and says the same; so does a scan of what was built.
    assert build(*arguments).stdout == first.stdout
    scanned = build("scan", "app", "--group", "layer").stdout.decode()
    assert scanned.splitlines()[-20:] == shown.splitlines()[-20:]


def test_a_layer_is_not_read_again(build: Lading) -> None:
    """What was seen while it was written is enough: the blob may be gone."""
    done = build("build", "--sbom", "bill.json", "-t", "app", "context")
    assert done.returncode == 0, done.stderr
    digest = json.loads(build("inspect", "app").stdout)["manifest"]["layers"][0]["digest"]
    (build.folder / "data" / "images" / "blobs" / digest.replace(":", "/")).unlink()
    assert "django" in build("scan", "app").stdout.decode()


def test_the_bill_of_materials(build: Lading) -> None:
    done = build("build", "--sbom", "bill.json", "context")
    assert (done.returncode, done.stdout.decode()[:7]) == (0, "sha256:")
    bill = json.loads((build.folder / "bill.json").read_text())
    assert bill["bomFormat"] == "CycloneDX"
    assert {"django", "tool"} <= {one["name"] for one in bill["components"]}


def test_what_nobody_has_advisories_for(build: Lading) -> None:
    (build.folder / "context" / "site" / "etc" / "os-release").write_text("ID=alpine\nVERSION_ID=3.10.9\n")
    (build.folder / "context" / "site" / "lib" / "apk" / "db").mkdir(parents=True)
    (build.folder / "context" / "site" / "lib" / "apk" / "db" / "installed").write_text(
        "P:musl\nV:1.2-r0\n\n"
    )
    done = build("build", "--scan", "context")
    assert done.returncode == 3
    assert b"lading: Alpine: never fetched" in done.stderr
