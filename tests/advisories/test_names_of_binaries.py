"""Advisories of apk distributions that name binary packages, as Chainguard's do, with figures of real ones."""

from __future__ import annotations

from typing import Any

from advisories import bulk
from advisories.looking import Look
from lading.model.package import Package


def apk(name: str, version: str, origin: str, ecosystem: str = "Wolfi") -> Package:
    return Package(
        type="apk",
        name=name,
        version=version,
        ecosystem=ecosystem,
        source_name=origin,
        source_version=version,
    )


def record(number: str, name: str, fixed: str, purl: str, **more: Any) -> bulk.Json:  # noqa: ANN401 -- any field
    one = bulk.record(number, "Wolfi", name, *bulk.span("0", fixed), **more)
    one["affected"][0]["package"]["purl"] = purl
    return one


def found(look: Look, package: Package, *records: bulk.Json) -> list[tuple[str, str | None]]:
    return [(one.id, one.fixed_in) for one in look(list(records), package)]


KUBECTL = record(
    "CGA-mmjw-vgc9-grhq",
    "kubectl-1.30",
    "1.30.9-r1",
    "pkg:apk/wolfi/kubectl-1.30?arch=aarch64",
    upstream=["GHSA-3f6r-qh9c-x6mm"],
)
BUSYBOX = record(
    "CGA-2pc4-p4g5-h72v",
    "busybox",
    "1.37.0-r49",
    "pkg:apk/wolfi/busybox?arch=aarch64",
    upstream=["GHSA-rrv5-483w-xmr9"],
)


def test_a_package_is_found_by_its_own_name(look: Look) -> None:
    (one,) = look([KUBECTL], apk("kubectl-1.30", "1.30.8-r0", "kubernetes-1.30"))
    assert (one.id, one.fixed_in) == ("GHSA-3f6r-qh9c-x6mm", "1.30.9-r1")
    assert (one.package.name, one.package.source_name) == ("kubectl-1.30", "kubernetes-1.30")
    assert found(look, apk("kubectl-1.30", "1.30.9-r1", "kubernetes-1.30"), KUBECTL) == []


def test_what_is_said_of_one_package_is_not_said_of_others_from_its_origin(look: Look) -> None:
    assert found(look, apk("busybox", "1.37.0-r40", "busybox"), BUSYBOX)
    assert found(look, apk("busybox-full", "1.37.0-r40", "busybox"), BUSYBOX) == []


def test_what_is_said_of_an_origin_is_said_of_all_that_comes_from_it(look: Look) -> None:
    older = record("CGA-1", "openssl", "3.1.4-r1", "pkg:apk/wolfi/openssl", upstream=["CVE-2023-5678"])
    assert found(look, apk("libcrypto3", "3.1.4-r0", "openssl"), older) == [("CVE-2023-5678", "3.1.4-r1")]
    source = record("CGA-2", "openssl", "3.1.4-r1", "pkg:apk/wolfi/openssl?arch=source")
    assert found(look, apk("libcrypto3", "3.1.4-r0", "openssl"), source) == [("CGA-2", "3.1.4-r1")]


def test_a_flaw_that_both_names_have_is_told_once(look: Look) -> None:
    package = apk("twt", "0.0.44-r1", "tw", "MinimOS")
    one, other = (
        bulk.record("MINI-mfpp-f9jm-gpmr", "MinimOS", name, *bulk.span("0", "0.0.44-r2"))
        for name in ("tw", "twt")
    )
    one["affected"] += other["affected"]
    one["upstream"] = ["CVE-2026-27140", "GHSA-5w89-2c2x-6x66"]
    assert found(look, package, one) == [("CVE-2026-27140", "0.0.44-r2")]


def test_other_distributions_name_sources_alone(look: Look) -> None:
    alpine = bulk.record("ALPINE-CVE-2021-28831", "Alpine:v3.10", "ssl_client", upstream=["CVE-2021-28831"])
    assert look([alpine], apk("ssl_client", "1.30.1-r4", "busybox", "Alpine:v3.10")) == []
