from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard

import needs
from lading.lint import pins_dnf
from lading.lint.pins_fetch import Unknown
from lint.index_site import REPOMD, Site, reason, rpm_repository, site

ALMA = "/almalinux/9/BaseOS/x86_64/os"
MODULES = """\
---
document: modulemd-defaults
version: 1
data:
  module: httpd
  stream: 2.4
---
document: modulemd
version: 2
data:
  name: httpd
  stream: 2.4
  artifacts:
    rpms:
    - httpd-0:2.4.57-5.module_el9.x86_64
---
document: modulemd
version: 2
data:
  name: nodejs
  stream: 20
  artifacts:
    rpms:
    - nodejs-1:20.1.0-1.module_el9.x86_64
...
"""


@pytest.fixture
def served() -> Iterator[Site]:
    with site() as made:
        yield made


def add(served: Site, place: str, files: dict[str, bytes]) -> None:
    served.files.update({f"{place}/{name}": data for name, data in files.items()})


def rest(served: Site) -> None:
    """Add the other repositories of AlmaLinux, empty."""
    for part in ("AppStream", "extras"):
        add(served, f"/almalinux/9/{part}/x86_64/os", rpm_repository([]))


def test_highest_by_epoch_of_all_repositories(served: Site) -> None:
    rest(served)
    packages = [
        ("curl", "x86_64", "0:7.76.1-26.el9"),
        ("curl", "x86_64", "0:7.76.1-29.el9_4.1"),
        ("curl", "i686", "0:8.0.0-1.el9"),
        ("tzdata", "noarch", "0:2024a-1.el9"),
        ("vim-minimal", "x86_64", "2:8.2.2637-20.el9"),
        ("vim-minimal", "x86_64", "0:9.0-1.el9"),
        ("src", "src", "0:1-1"),
    ]
    add(served, ALMA, rpm_repository(packages))
    add(served, "/almalinux/9/AppStream/x86_64/os", rpm_repository([("tzdata", "noarch", "0:2023z-1.el9")]))
    assert served.ask("dnf", "curl", "tzdata", "vim-minimal", base="almalinux:9.3") == {
        "curl": "7.76.1-29.el9_4.1",
        "tzdata": "2024a-1.el9",
        "vim-minimal": "8.2.2637-20.el9",
    }
    assert isinstance(served.ask("dnf", "src", base="almalinux:9.3")["src"], Unknown)


def test_modules_count_by_default_only(served: Site) -> None:
    rest(served)
    packages = [
        ("httpd", "x86_64", "0:2.4.57-5.module_el9"),
        ("nodejs", "x86_64", "1:20.1.0-1.module_el9"),
        ("nodejs", "x86_64", "1:16.20.2-4.el9"),
    ]
    add(served, ALMA, rpm_repository(packages, MODULES))
    assert served.ask("dnf", "httpd", "nodejs", base="almalinux:9") == {
        "httpd": "2.4.57-5.module_el9",
        "nodejs": "16.20.2-4.el9",
    }


@pytest.mark.parametrize(
    ("base", "places"),
    [
        (
            "rockylinux:8",
            ["/rocky/8/BaseOS/x86_64/os", "/rocky/8/AppStream/x86_64/os", "/rocky/8/extras/x86_64/os"],
        ),
        ("fedora:40", ["/fedora/releases/40/Everything/x86_64/os"]),
        ("fedora:30", ["/fedora_archive/releases/30/Everything/x86_64/os"]),
        ("fedora:rawhide", ["/fedora/development/rawhide/Everything/x86_64/os"]),
        (
            "quay.io/centos/centos:stream9",
            [f"/centos_stream/9-stream/{part}/x86_64/os" for part in ("BaseOS", "AppStream")],
        ),
        (
            "quay.io/centos/centos:stream8",
            [f"/centos_vault/8-stream/{part}/x86_64/os" for part in ("BaseOS", "AppStream")],
        ),
        ("centos:7", [f"/centos_vault/7.9.2009/{part}/x86_64" for part in ("os", "updates", "extras")]),
        (
            "centos:8",
            [f"/centos_vault/8.5.2111/{part}/x86_64/os" for part in ("BaseOS", "AppStream", "extras")],
        ),
        ("oraclelinux:9", ["/oracle/OL9/baseos/latest/x86_64", "/oracle/OL9/appstream/x86_64"]),
        ("oraclelinux:7", ["/oracle/OL7/latest/x86_64"]),
        (
            "registry.access.redhat.com/ubi9/ubi",
            [f"/ubi/ubi9/9/x86_64/{part}/os" for part in ("baseos", "appstream", "codeready-builder")],
        ),
        ("opensuse/leap:15.6", ["/opensuse/distribution/leap/15.6/repo/oss"]),
        ("opensuse/leap:16.0", ["/opensuse/distribution/leap/16.0/repo/oss/x86_64"]),
        ("opensuse/tumbleweed", ["/opensuse/tumbleweed/repo/oss"]),
    ],
    ids=str,
)
def test_where_a_release_is(served: Site, base: str, places: list[str]) -> None:
    for number, place in enumerate(places):
        add(served, place, rpm_repository([(f"p{number}", "x86_64", "0:1-1")]))
    names = [f"p{number}" for number in range(len(places))]
    assert served.ask("zypper" if "suse" in base else "dnf", *names, base=base) == dict.fromkeys(names, "1-1")


def test_updates_of_fedora(served: Site) -> None:
    add(served, "/fedora/releases/40/Everything/aarch64/os", rpm_repository([("a", "aarch64", "0:1-1")]))
    add(served, "/fedora/updates/40/Everything/aarch64", rpm_repository([("a", "aarch64", "0:2-1")]))
    assert served.ask("dnf", "a", base="fedora:40", architecture="arm64") == {"a": "2-1"}


def test_zstd(served: Site) -> None:
    rest(served)
    files = rpm_repository([("a", "noarch", "0:1-1")])
    import gzip

    plain = gzip.decompress(files.pop("repodata/1-primary.xml.gz"))
    files["repodata/p.zst"] = zstandard.compress(plain)
    files["repodata/repomd.xml"] = REPOMD.format(
        '<data type="primary"><location href="repodata/p.zst"/></data>'
    ).encode()
    add(served, ALMA, files)
    assert served.ask("dnf", "a", base="almalinux:9") == {"a": "1-1"}


def test_names(served: Site) -> None:
    rest(served)
    add(
        served,
        ALMA,
        rpm_repository([("a", "noarch", "0:1-1"), ("bad", "noarch", "0:1;x-1"), ("worse", "noarch", "0:-")]),
    )
    found = served.ask(
        "dnf", "a", "nosuch", "@group", "/bin/sh", "a b", "", "bad", "worse", base="almalinux:9"
    )
    assert found.pop("a") == "1-1"
    assert all(isinstance(answer, Unknown) and answer.absent for answer in found.values())
    assert reason(found["nosuch"]).startswith("no package nosuch in almalinux 9")
    assert reason(found["@group"]) == "not the name of an RPM package: '@group'"


DIGEST = REPOMD.format(
    f'<data type="primary"><checksum type="sha256">{"0" * 64}</checksum><location href="repodata/1-primary.xml.gz"/></data>'
)
BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><metadata>&b;</metadata>'


@pytest.mark.parametrize(
    ("files", "said"),
    [
        pytest.param({"repodata/repomd.xml": BOMB}, "has a document type", id="entities"),
        pytest.param({"repodata/repomd.xml": b"<html>"}, "not XML", id="html"),
        pytest.param(
            {"repodata/repomd.xml": REPOMD.format("").encode()}, "repomd.xml names no primary", id="nothing"
        ),
        pytest.param(
            {
                "repodata/repomd.xml": REPOMD.format(
                    '<data type="primary"><location href="../../x"/></data>'
                ).encode()
            },
            "repomd.xml names no primary",
            id="leads-above",
        ),
        pytest.param(
            {
                "repodata/repomd.xml": REPOMD.format(
                    '<data type="primary"><location href="a/b"/></data>'
                ).encode()
            },
            "it is not where repomd.xml says",
            id="not-there",
        ),
        pytest.param(
            {**rpm_repository([]), "repodata/1-primary.xml.gz": b"\x1f\x8bgarbage"},
            "broken gzip data",
            id="garbage",
        ),
        pytest.param({**rpm_repository([]), "repodata/1-primary.xml.gz": b"<a><b>"}, "not XML", id="cut-xml"),
        pytest.param(
            {"repodata/repomd.xml": DIGEST.encode(), "repodata/1-primary.xml.gz": b"<a/>"},
            "content is sha256:",
            id="altered",
        ),
        pytest.param(
            {
                "repodata/repomd.xml": DIGEST.replace("0" * 64, "zz").encode(),
                "repodata/1-primary.xml.gz": b"<a/>",
            },
            "not a sha256",
            id="no-digest",
        ),
        pytest.param({}, "no repository of almalinux 9", id="no-repository"),
    ],
)
def test_what_is_broken_is_a_reason(served: Site, files: dict[str, bytes], said: str) -> None:
    rest(served)
    add(served, ALMA, files)
    assert said in reason(served.ask("dnf", "a", base="almalinux:9")["a"])


def test_another_package_manager(served: Site) -> None:
    assert "not that of debian 12" in reason(served.ask("yum", "a", base="debian:12")["a"])
    assert "cannot tell the release" in reason(served.ask("dnf", "a", base="")["a"])


def test_packages_of_the_wanted_architecture_once() -> None:
    text = (
        b"<metadata><package><name>a</name><arch>x86_64</arch><version epoch='0' ver='1' rel='1'/>"
        b"<format><version epoch='9' ver='9' rel='9'/><name>b</name></format></package></metadata>"
    )
    assert list(pins_dnf.packages(iter([text[:50], text[50:]]), "x86_64", "x")) == [("a", "0:1-1")]


SPEC = "Name: {0}\nVersion: {1}\nRelease: {2}\nEpoch: {3}\nSummary: x\nLicense: MIT\nBuildArch: noarch\n%description\n%files\n"


@needs.tool("createrepo_c", "rpmbuild", "dnf", "modifyrepo_c")
def test_as_dnf_itself_chooses(served: Site, tmp_path: Path) -> None:
    """Real packages in a real repository, with a module whose stream is not the default."""
    built = [
        ("a", "1.9", "1", 0),
        ("a", "1.10", "1", 0),
        ("b", "1", "1", 1),
        ("b", "2", "9", 0),
        ("m", "2", "1.mod", 0),
    ]
    built += [
        ("m", "1", "1", 0),
        ("d", "3", "1.mod", 0),
        ("t", "1.0~rc1", "1", 0),
        ("t", "1.0", "1", 0),
        ("t", "1.0^git", "1", 0),
    ]
    folder = tmp_path / "repo"
    folder.mkdir()
    for number, one in enumerate(built):
        spec = tmp_path / f"{number}.spec"
        spec.write_text(SPEC.format(*one))
        command = [
            "rpmbuild",
            "-bb",
            "--quiet",
            f"-D_rpmdir {folder}",
            f"-D_topdir {tmp_path}/top",
            str(spec),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
    subprocess.run(["createrepo_c", "-q", str(folder)], check=True, capture_output=True, timeout=60)
    modules = tmp_path / "modules.yaml"
    modules.write_text(
        _modulemd("m", "2", "m-0:2-1.mod.noarch") + _modulemd("d", "3", "d-0:3-1.mod.noarch") + _DEFAULT
    )
    subprocess.run(
        ["modifyrepo_c", "--mdtype=modules", str(modules), str(folder / "repodata")],
        check=True,
        capture_output=True,
    )
    rest(served)
    add(
        served, ALMA, {str(path.relative_to(folder)): path.read_bytes() for path in folder.glob("repodata/*")}
    )
    names = sorted({name for name, *_ in built})
    assert served.ask("dnf", *names, base="almalinux:9") == _dnf(tmp_path, folder, names)


_DEFAULT = "---\ndocument: modulemd-defaults\nversion: 1\ndata:\n  module: d\n  stream: '3'\n  profiles:\n    '3': []\n...\n"


def _modulemd(name: str, stream: str, artifact: str) -> str:
    return (
        f"---\ndocument: modulemd\nversion: 2\ndata:\n  name: {name}\n  stream: '{stream}'\n  version: 1\n"
        "  context: c0ffee42\n  arch: noarch\n  summary: x\n  description: x\n  license:\n    module: [MIT]\n"
        f"  dependencies:\n  - requires:\n      platform: [el9]\n  artifacts:\n    rpms: [{artifact!r}]\n...\n"
    )


def _dnf(folder: Path, repository: Path, names: list[str]) -> dict[str, str]:
    command = [
        "dnf",
        "-q",
        f"--installroot={folder}/root",
        f"--repofrompath=x,file://{repository}",
        "--repo=x",
    ]
    command += [
        "--releasever=9",
        "--setopt=reposdir=/nonexistent",
        "--setopt=module_platform_id=platform:el9",
    ]
    command += [
        f"--setopt=cachedir={folder}/cache",
        f"--setopt=logdir={folder}",
        "--setopt=varsdir=/nonexistent",
    ]
    command += ["repoquery", "--latest-limit=1", "--queryformat=%{name} %{version}-%{release}", *names]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    return dict(line.split(" ", 1) for line in done.stdout.splitlines() if line)
