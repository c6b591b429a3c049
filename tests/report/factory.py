"""Reports made in memory: small ones, a realistic large one, and one where every text is hostile."""

# ruff: noqa: ANN401 -- a factory takes any field of the record that it makes
from __future__ import annotations

import random
from typing import Any, TypeVar

import msgspec

from lading.model.fact import Skipped
from lading.model.finding import Finding, PackageRef, Suppression
from lading.model.package import Location, Package
from lading.model.report import AdvisoryData, ImageInfo, LayerInfo, OsInfo, RemovedPackage, Report, Tool
from lading.model.severity import Impact, Severity, Status

_Record = TypeVar("_Record", bound=msgspec.Struct)


def digest(number: int) -> str:
    return f"sha256:{number:064x}"


LAYERS = (
    LayerInfo(
        digest=digest(1),
        diff_id=digest(101),
        size=29_150_000,
        created_by="/bin/sh -c #(nop) ADD file:" + "ab" * 32 + " in / ",
        created="2023-01-02T03:04:05Z",
        files=3000,
        bytes=74_800_000,
    ),
    LayerInfo(
        digest=digest(2),
        diff_id=digest(102),
        size=180_500_000,
        created_by="RUN |1 MODE=x /bin/sh -c apt-get update && apt-get install -y nodejs # buildkit",
        files=9000,
        bytes=400_000_000,
        line=4,
        source="Dockerfile",
    ),
    LayerInfo(
        digest=digest(3),
        diff_id=digest(103),
        size=2_400_000,
        created_by="COPY . /app # buildkit",
        line=9,
        files=12,
        bytes=8_000_000,
    ),
)


def package(name: str = "openssl", version: str = "3.0.11-1~deb12u1", **more: Any) -> Package:
    type_ = more.setdefault("type", "deb")
    namespace = "debian/" if type_ == "deb" else ""
    more.setdefault("purl", f"pkg:{type_}/{namespace}{name}@{version}")
    more.setdefault("layer", digest(101))
    more.setdefault("locations", (Location("var/lib/dpkg/status", layer=more["layer"]),))
    return Package(name=name, version=version, **more)


def finding(id_: str = "CVE-2024-5535", of: Package | None = None, **more: Any) -> Finding:
    of = of or package()
    reference = PackageRef(
        name=of.name,
        version=of.version,
        purl=of.purl,
        type=of.type,
        source_name=of.source_name,
        path=of.locations[0].path if of.locations else "",
    )
    more.setdefault("layer", of.layer)
    more.setdefault("severity", Severity.HIGH)
    more.setdefault("status", Status.FIXED if more.get("fixed_in") else Status.AFFECTED)
    return Finding(id=id_, package=reference, **more)


def report(**more: Any) -> Report:
    """Return a small report: three layers, four packages, five findings, one of each further thing."""
    ssl = package("libssl3", source_name="openssl", licenses=("Apache-2.0",), arch="amd64")
    tool = package("openssl", licenses=("Apache-2.0",), arch="amd64")
    node = package("node", "18.1.0", type="generic", layer=digest(102))
    web = package(
        "requests",
        "2.19.0",
        type="pypi",
        layer=digest(103),
        licenses=("Apache 2.0",),
        files=("app/requests/__init__.py", "app/requests/api.py"),
        locations=(Location("app/requests-2.19.0.dist-info/METADATA", layer=digest(103)),),
    )
    more.setdefault("packages", (ssl, tool, node, web))
    more.setdefault(
        "findings",
        (
            finding(
                "CVE-2022-3602",
                ssl,
                severity=Severity.CRITICAL,
                cvss_score=9.8,
                cvss_vector="CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
                kev=True,
                epss=0.9432,
                risk=99.0,
                fixed_in="3.0.15-1~deb12u1",
                impact=(Impact.CODE_EXECUTION, Impact.DENIAL_OF_SERVICE),
                aliases=("DSA-5764-1", "GHSA-8rwr-x37p-mx23"),
                summary="X.509 email address 4-byte buffer overflow",
                cwes=("CWE-120", "CWE-787"),
                references=("https://example.com/advisory/1", "https://example.com/2"),
                sources=("DEBIAN-CVE-2022-3602",),
                published="2022-11-01T18:15:10Z",
            ),
            finding(
                "CVE-2018-18074",
                web,
                fixed_in="2.20.0",
                cvss_score=7.5,
                cvss_vector="CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N",
                impact=(Impact.INFORMATION_LEAK,),
                epss=0.0123,
                summary="Credentials are sent to another host after a redirect",
                aliases=("GHSA-x84v-xcm2-53pg", "PYSEC-2018-28"),
            ),
            finding("CVE-2024-5535", ssl, severity=Severity.MEDIUM, status=Status.WILL_NOT_FIX),
            finding("CVE-2024-5535", tool, severity=Severity.MEDIUM, status=Status.WILL_NOT_FIX),
            finding("CVE-2024-0001", node, severity=Severity.UNKNOWN, epss=0.00002),
        ),
    )
    more.setdefault(
        "suppressed",
        (
            finding(
                "CVE-2019-1563",
                tool,
                severity=Severity.LOW,
                suppression=Suppression(
                    source=".lading.yaml",
                    reason="the function is never called",
                    owner="ops@example.com",
                    expires="2030-01-01",
                ),
            ),
        ),
    )
    old = package("pip", "9.0.1", type="pypi", layer=digest(102))
    more.setdefault("removed", (RemovedPackage(package=old, removed_in=digest(103)),))
    more.setdefault("skipped", (Skipped("java/jar", "opt/app.jar", "not a zip file", digest(103)),))
    more.setdefault(
        "advisories",
        {
            "Debian": AdvisoryData(records=45_210, modified="2026-11-20T10:11:12Z", digest=digest(9)),
            "EPSS": AdvisoryData(records=250_000, modified="2026-11-22T00:00:00Z", digest=digest(8)),
            "KEV": AdvisoryData(records=1_300, modified="2026-11-21T00:00:00Z", digest=digest(7)),
            "PyPI": AdvisoryData(records=17_000, modified="2026-11-22T01:02:03Z", digest=digest(6)),
        },
    )
    more.setdefault("image", image())
    more.setdefault("target", "docker://example.com/shop:1.2")
    return Report(tool=Tool(name="lading", version="0.1.0"), **more)


def image(**more: Any) -> ImageInfo:
    more.setdefault(
        "os",
        OsInfo(
            id="debian",
            version="12",
            name="Debian GNU/Linux",
            codename="bookworm",
            ecosystem="Debian:12",
            end_of_life="2028-06-30",
        ),
    )
    more.setdefault("layers", LAYERS)
    return ImageInfo(
        digest=digest(11),
        config_digest=digest(12),
        architecture="amd64",
        created="2024-05-06T07:08:09Z",
        **more,
    )


def bare(**more: Any) -> Report:
    """Return a report of nothing: no image, no packages, no advisories."""
    return Report(tool=Tool(name="lading", version="0.1.0"), target="rootfs:/srv", image=ImageInfo(), **more)


def large(packages: int = 2000, findings: int = 3000) -> Report:
    """Return a report of the size of a large image, always the same."""
    chance = random.Random(7)
    found = tuple(_some_package(chance, index) for index in range(packages))
    flaws = sorted(
        (_some_finding(chance, found[int(chance.random() ** 2 * packages)]) for _ in range(findings)),
        key=lambda flaw: (-flaw.risk, flaw.id, flaw.package.purl),
    )
    return report(packages=found, findings=tuple(flaws), target="docker://example.com/web:latest")


def _some_package(chance: random.Random, index: int) -> Package:
    type_, layer = chance.choice((("deb", 101), ("deb", 102), ("npm", 102), ("pypi", 103)))
    stem = chance.choice(("lib", "python3-", "node-", "gir-", "")) + chance.choice(
        ("ssl", "curl", "xml2", "glib", "webkit", "imagemagick", "postgres", "perl", "krb5", "tiff")
    )
    path = {"deb": "var/lib/dpkg/status", "npm": f"app/node_modules/{stem}{index}/package.json"}
    return package(
        f"{stem}{index}",
        f"{chance.randint(0, 9)}.{chance.randint(0, 40)}.{chance.randint(0, 20)}-{chance.randint(1, 9)}",
        type=type_,
        layer=digest(layer),
        source_name=stem if type_ == "deb" else "",
        licenses=(chance.choice(("MIT", "Apache-2.0", "GPL-2.0-or-later", "BSD-3-Clause")),),
        locations=(
            Location(path.get(type_, f"app/lib/{stem}{index}.dist-info/METADATA"), layer=digest(layer)),
        ),
    )


def _some_finding(chance: random.Random, of: Package) -> Finding:
    severity = chance.choices(list(Severity), (3, 10, 15, 40, 25, 7))[0]
    epss = round(chance.random() ** 6, 5)
    kev = chance.random() < 0.004
    impacts = chance.sample(list(Impact), chance.choice((0, 1, 1, 2)))
    fixed = of.version + "+deb12u1" if chance.random() < 0.5 else None
    return finding(
        f"CVE-20{chance.randint(14, 26)}-{chance.randint(1000, 59999)}",
        of,
        severity=severity,
        epss=epss,
        kev=kev,
        fixed_in=fixed,
        status=Status.FIXED if fixed else chance.choice((Status.AFFECTED, Status.WILL_NOT_FIX)),
        impact=tuple(sorted(impacts, key=list(Impact).index)),
        risk=round(40 * kev + 30 * epss + 6 * list(Severity).index(severity), 2),
        cvss_score=round(chance.uniform(2, 10), 1),
        summary=chance.choice(
            (
                "Heap buffer overflow in the parser of compressed headers lets a remote attacker run code",
                "Out-of-bounds read when a crafted file is opened",
                "Improper certificate validation",
                "Regular expression denial of service in the tokenizer",
            )
        ),
        references=("https://security-tracker.example/CVE",),
        sources=("DEBIAN-CVE",),
    )


HOSTILE = (
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(2)>",
    "\x1b[31mred\x1b]0;title\x07\x9b2J",
    "a\u202egnp.exe\u2066\u2069\u200b\ufeff",
    "two\r\nlines\tand | a pipe `code` **bold** [l](javascript:alert(3)) @everyone #1 ~~x~~ $x$",
    "x" * 10_000,
    "\udcff\udc1b not UTF-8, \ud800 half, \x00 nul, \x7f, \ufffe, \U000e0041",
    "漢字かな交じり文" * 20 + "e\u0301" * 50,
    "]]>&amp;&#x1b;<!--<![CDATA[",
    "'\"><svg/onload=alert(4)>",
    "../../../../etc/passwd%2e%2e\\..\\{{7*7}}${x}",
    "",
)


def hostile() -> Report:
    """Return a report where each text field, in turn, holds each of the hostile texts."""
    packages, findings, suppressed = [], [], []
    for index, text in enumerate(HOSTILE):
        bad = _hostile(Package(type="deb", name="n", version="1"), text, index)
        packages.append(bad)
        flaw = finding("x", bad)
        flaw = _hostile(flaw, text, index)
        flaw = msgspec.structs.replace(flaw, package=_hostile(flaw.package, text, index))
        findings.append(flaw)
        why = _hostile(Suppression(source=""), text, index)
        suppressed.append(msgspec.structs.replace(flaw, suppression=why))
    layers = tuple(
        _hostile(LayerInfo(digest="", diff_id="", size=number), text, number)
        for number, text in enumerate(HOSTILE)
    )
    os = _hostile(OsInfo(id="", version="", end_of_life=""), HOSTILE[2], 0)
    return Report(
        tool=Tool(name="lading", version="0.1.0"),
        target=HOSTILE[2] + HOSTILE[0],
        image=ImageInfo(
            digest=HOSTILE[1],
            config_digest=HOSTILE[2],
            os=os,
            architecture=HOSTILE[4],
            created=HOSTILE[2],
            layers=layers,
            labels=dict(zip(HOSTILE, reversed(HOSTILE), strict=True)),
        ),
        packages=tuple(packages),
        removed=tuple(RemovedPackage(package=one, removed_in=one.layer) for one in packages),
        findings=tuple(findings),
        suppressed=tuple(suppressed),
        skipped=tuple(Skipped(text, text, text, text) for text in HOSTILE),
        advisories={text: AdvisoryData(records=1, modified=text, digest=text) for text in HOSTILE},
        unmatched=HOSTILE,
    )


def _hostile(record: _Record, text: str, number: int) -> _Record:
    """Return `record` with `text` in each field that takes any text."""
    changes: dict[str, Any] = {}
    for field in msgspec.structs.fields(record):
        value = getattr(record, field.name)
        if type(value) is str or (value is None and field.name in {"fixed_in", "end_of_life"}):
            changes[field.name] = text
        elif value == () and field.name in {"aliases", "cwes", "references", "sources", "licenses", "files"}:
            changes[field.name] = (text,)
        elif field.name == "locations":
            changes[field.name] = (Location(text, number, text),)
        elif field.name == "qualifiers":
            changes[field.name] = ((text, text),)
    return msgspec.structs.replace(record, **changes)
