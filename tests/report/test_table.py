from __future__ import annotations

import re

import msgspec
import pytest

from lading.model.fact import Skipped
from lading.model.report import OsInfo, Report
from lading.report import text
from lading.report.format import Options
from lading.report.rendering import render
from report import factory

REPORTS = {
    "small": factory.report(),
    "bare": factory.bare(),
    "hostile": factory.hostile(),
    "large": factory.large(100, 200),
}
BOTH = pytest.mark.parametrize("group", ["package", "layer"])
_SGR = re.compile(r"\x1b\[[0-9;]*m")


def table(report: Report, **options: object) -> str:
    return render("table", report, msgspec.structs.replace(_Options(), **options).to_options()).decode()


class _Options(msgspec.Struct, frozen=True):
    width: int = 100
    color: bool = False
    group: str = "package"
    show_suppressed: bool = False

    def to_options(self) -> Options:
        return Options(
            width=self.width,
            color=self.color,
            group="layer" if self.group == "layer" else "package",
            show_suppressed=self.show_suppressed,
        )


@BOTH
@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
@pytest.mark.parametrize("name", REPORTS)
def test_plain_and_within_the_width(name: str, width: int, group: str) -> None:
    shown = table(REPORTS[name], width=width, group=group, show_suppressed=True)
    lines = shown.removesuffix("\n").split("\n")
    assert all(line.isprintable() for line in lines)
    assert max(text.width(line) for line in lines) <= width


@BOTH
@pytest.mark.parametrize("name", REPORTS)
def test_colour_adds_nothing_but_colour(name: str, group: str) -> None:
    coloured = table(REPORTS[name], color=True, group=group, show_suppressed=True)
    plain = table(REPORTS[name], group=group, show_suppressed=True)
    assert coloured != plain
    assert _SGR.sub("", coloured) == plain
    assert {line.count("\x1b") % 2 for line in coloured.split("\n")} == {0}


def test_by_package() -> None:
    assert table(factory.report(), width=108) == (
        """\
docker://example.com/shop:1.2
image       sha256:000000000000000000000000000000000000000000000000000000000000000b, amd64, 2024-05-06
system      Debian GNU/Linux 12 (bookworm), supported until 2028-06-30
contents    3 layers, 212.1 MB; 4 packages (2 deb, 1 generic, 1 pypi)
advisories  Debian 45,210 (2026-11-20), EPSS 250,000 (2026-11-22), KEV 1,300 (2026-11-21), PyPI 17,000
            (2026-11-22)

5 findings: 1 critical, 1 high, 2 medium, 1 unknown; 1 known to be exploited, 2 closed by an update

  SEVERITY  VULNERABILITY   FIXED IN           EXPLOIT  IMPACT             SUMMARY
libssl3 3.0.11-1~deb12u1 (deb, source openssl, layer 1)  3.0.15-1~deb12u1 closes 1 of 2
  CRITICAL  CVE-2022-3602   3.0.15-1~deb12u1   KEV 94%  code execution +1  X.509 email address 4-byte buffe…
  MEDIUM    CVE-2024-5535   will not be fixed

requests 2.19.0 (pypi, layer 3)
  HIGH      CVE-2018-18074  2.20.0             1.2%     information leak   Credentials are sent to another…

openssl 3.0.11-1~deb12u1 (deb, layer 1)
  MEDIUM    CVE-2024-5535   will not be fixed

node 18.1.0 (generic, layer 2)
  UNKNOWN   CVE-2024-0001   no fix yet         <0.1%

1 could not be read, so that nothing is known of it:
  opt/app.jar: not a zip file (java/jar)

1 removed or replaced, but still shipped in a lower layer:
  pip 9.0.1 (layer 2, gone since layer 3)

1 finding set aside by exceptions

EXPLOIT: KEV, known to be exploited (CISA); percent, probability within 30 days (EPSS)

5 findings: 1 critical, 1 high, 2 medium, 1 unknown; 1 known to be exploited, 2 closed by an update
"""
    )


def test_by_layer_in_a_narrow_terminal() -> None:
    shown = table(factory.report(skipped=(), removed=(), suppressed=()), width=56, group="layer")
    assert shown.split("\n\n", 2)[2] == (
        """\
Layer 1 of 3  29.1 MB, 2 packages, 3 findings
  ADD file:abababa in /

  SEVERITY  VULNERABILITY   FIXED IN           EXPLOIT
libssl3 3.0.11-1~deb12u1 (deb, source openssl)
  3.0.15-1~deb12u1 closes 1 of 2
  CRITICAL  CVE-2022-3602   3.0.15-1~deb12u1   KEV 94%
  MEDIUM    CVE-2024-5535   will not be fixed

openssl 3.0.11-1~deb12u1 (deb)
  MEDIUM    CVE-2024-5535   will not be fixed

Layer 2 of 3  180.5 MB, 1 package, 1 finding
  Dockerfile:4: RUN apt-get update && apt-get install -y
  nodejs

  SEVERITY  VULNERABILITY   FIXED IN           EXPLOIT
node 18.1.0 (generic)
  UNKNOWN   CVE-2024-0001   no fix yet         <0.1%

Layer 3 of 3  2.4 MB, 1 package, 1 finding
  Dockerfile:9: COPY . /app

  SEVERITY  VULNERABILITY   FIXED IN           EXPLOIT
requests 2.19.0 (pypi)
  HIGH      CVE-2018-18074  2.20.0             1.2%

EXPLOIT: KEV, known to be exploited (CISA);
percent, probability within 30 days (EPSS)

5 findings: 1 critical, 1 high, 2 medium, 1 unknown;
1 known to be exploited, 2 closed by an update
"""
    )


def test_layers_without_findings_are_named() -> None:
    shown = table(factory.report(findings=factory.report().findings[:1]), group="layer")
    assert "Layer 2 of 3  180.5 MB, 1 package, no findings\n  Dockerfile:4: RUN" in shown
    assert "Layer 3 of 3  2.4 MB, 1 package, no findings\n  Dockerfile:9: COPY . /app" in shown


def test_findings_of_no_layer_are_not_lost() -> None:
    stray = factory.finding("CVE-2020-1", factory.package(layer="sha256:elsewhere", locations=()))
    shown = table(factory.report(findings=(stray,)), group="layer")
    assert "In no layer" in shown
    assert "CVE-2020-1" in shown


@pytest.mark.parametrize(
    ("report", "line"),
    [
        pytest.param(
            factory.report(findings=()), "No known vulnerabilities in 4 packages.", id="nothing-found"
        ),
        pytest.param(
            factory.report(findings=(), advisories={}),
            "NOTHING WAS CHECKED: no advisories; `lading db update` gets them.",
            id="no-advisories",
        ),
        pytest.param(
            factory.report(
                findings=(), advisories={"KEV": factory.report().advisories["KEV"]}, unmatched=("Debian",)
            ),
            "NOTHING WAS CHECKED: no advisories; `lading db update` gets them.",
            id="only-kev",
        ),
        pytest.param(factory.bare(), "No packages found: nothing to check.", id="no-packages"),
        pytest.param(
            factory.bare(skipped=(Skipped("os/packages", "etc/os-release", "no list"),)),
            "No packages found: nothing to check; not all could be read, as told below.",
            id="no-list-of-packages",
        ),
    ],
)
def test_a_report_without_findings_says_why(report: Report, line: str) -> None:
    assert line in table(report).split("\n")
    assert "SEVERITY" not in table(report)


def test_end_of_life_is_said() -> None:
    os = OsInfo(id="debian", version="10", name="Debian", end_of_life="2022-09-10", ended=True)
    shown = table(factory.report(image=factory.image(os=os)))
    assert "system      Debian 10\n" in shown
    assert "warning     END OF LIFE since 2022-09-10: gets no more security fixes\n" in shown


def test_unmatched_ecosystems_are_counted() -> None:
    packages = (
        factory.package(ecosystem="Alpine:v3.10"),
        factory.package("a", "1", type="npm", ecosystem="npm"),
        factory.package("b", "1", type="npm", ecosystem="npm"),
        factory.package("c", "1", ecosystem="npmish"),
    )
    shown = table(factory.report(packages=packages, unmatched=("Alpine", "npm")))
    assert "Not checked, for want of advisories:\n  Alpine: 1 package\n  npm: 2 packages\n" in shown


def test_suppressed_are_listed_on_request() -> None:
    shown = table(factory.report(), width=140, show_suppressed=True)
    line = (
        "  LOW CVE-2019-1563 in openssl: the function is never called"
        " (.lading.yaml, by ops@example.com, until 2030-01-01)"
    )
    assert line in shown.split("\n")


def test_packages_of_one_source_share_their_findings() -> None:
    packages = [factory.package(f"lib{n}", source_name="src") for n in range(6)]
    other = factory.package("libx", source_name="src")
    findings = tuple(factory.finding("CVE-1", package) for package in packages)
    shown = table(factory.report(findings=(*findings, factory.finding("CVE-2", other))))
    assert shown.count("CVE-1 ") == 1
    assert "lib0, lib1, lib2, lib3 and 2 more 3.0.11-1~deb12u1 (deb, source src, layer 1)\n" in shown
    assert "libx 3.0.11-1~deb12u1 (deb, source src, layer 1)\n" in shown
    assert "7 findings: 7 high" in shown


def test_one_package_in_many_places() -> None:
    places = [
        factory.package("lodash", "4.17.1", type="npm", purl=f"pkg:npm/lodash@4.17.1#{n}") for n in range(3)
    ]
    shown = table(factory.report(findings=tuple(factory.finding("CVE-1", one) for one in places)))
    assert "lodash 4.17.1 (npm, 3 places, layer 1)\n" in shown


def test_only_ten_of_what_was_skipped() -> None:
    report = factory.report()
    skipped = tuple(msgspec.structs.replace(report.skipped[0], path=f"p{n}") for n in range(12))
    shown = table(factory.report(skipped=skipped))
    assert "12 could not be read, so" in shown
    assert "p9:" in shown
    assert "p10:" not in shown
    assert "  and 2 more\n" in shown
