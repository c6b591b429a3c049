from __future__ import annotations

import datetime as dt
import itertools

import msgspec
import pytest

from lading.model.finding import Finding, PackageRef, Suppression
from lading.model.severity import Impact
from lading.policy import exceptions, pattern, purl
from lading.policy.apply import Decided, apply
from lading.policy.rule import Component, Product, Rule, VexProduct, Warned

OPENSSL = PackageRef(
    name="libssl3",
    version="3.0.11-1~deb12u2",
    purl="pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12",
    type="deb",
    source_name="openssl",
    path="var/lib/dpkg/status",
)
DJANGO = PackageRef(
    name="django",
    version="3.2.1",
    purl="pkg:pypi/django@3.2.1",
    type="pypi",
    path="opt/app/site-packages/Django-3.2.1.dist-info/METADATA",
)


def finding(
    identifier: str = "CVE-2024-1",
    package: PackageRef = OPENSSL,
    *,
    aliases: tuple[str, ...] = (),
    sources: tuple[str, ...] = (),
    impact: tuple[Impact, ...] = (),
) -> Finding:
    return Finding(
        id=identifier,
        package=package,
        aliases=aliases,
        sources=sources,
        impact=impact,
    )


TODAY = dt.date(2026, 6, 15)
DIGEST = "sha256:" + "a" * 64
IMAGE = Product(reference="registry.example/app:1", digest=DIGEST)


def _rule(*ids: str, expires: str = "", source: str = "f:1", **conditions: object) -> Rule:
    rule = Rule(ids=ids, suppression=Suppression(source=source, expires=expires))
    return msgspec.structs.replace(rule, **conditions)


def _decide(rules: list[Rule], *findings: Finding, product: Product = IMAGE) -> Decided:
    return apply(findings, rules, today=TODAY, product=product)


@pytest.mark.parametrize(
    ("rule", "found", "aside"),
    [
        pytest.param(_rule("CVE-2024-1"), finding(), True, id="id"),
        pytest.param(_rule("CVE-2024-10"), finding(), False, id="id-near-miss"),
        pytest.param(_rule("CVE-2024-2", "CVE-2024-1"), finding(), True, id="one-of-ids"),
        pytest.param(_rule("GHSA-A"), finding(aliases=("GHSA-a",)), True, id="alias-whatever-its-case"),
        pytest.param(_rule("DSA-1-1"), finding(sources=("DSA-1-1",)), True, id="source"),
        pytest.param(_rule(names=(pattern.for_name("lib*3"),)), finding(), True, id="name"),
        pytest.param(_rule(names=(pattern.for_name("openssl"),)), finding(), False, id="not-the-source-name"),
        pytest.param(_rule(purls=(purl.parse("pkg:deb/debian/libssl3"),)), finding(), True, id="purl"),
        pytest.param(
            _rule(purls=(purl.parse("pkg:deb/debian/openssl?arch=source"),)),
            finding(),
            True,
            id="purl-of-source",
        ),
        pytest.param(
            _rule(names=(pattern.for_name("x"),), purls=(purl.parse("pkg:deb/debian/libssl3"),)),
            finding(),
            True,
            id="name-or-purl",
        ),
        pytest.param(_rule("CVE-2024-1", names=(pattern.for_name("x"),)), finding(), False, id="id-and-name"),
        pytest.param(_rule("CVE-2024-1", paths=(pattern.for_path("var/**"),)), finding(), True, id="path"),
        pytest.param(
            _rule("CVE-2024-1", paths=(pattern.for_path("opt/**"),)), finding(), False, id="other-path"
        ),
        pytest.param(
            _rule("CVE-2024-1", impacts=(Impact.TAMPERING, Impact.DENIAL_OF_SERVICE)),
            finding(impact=(Impact.DENIAL_OF_SERVICE,)),
            True,
            id="impact",
        ),
        pytest.param(
            _rule("CVE-2024-1", impacts=(Impact.DENIAL_OF_SERVICE,)),
            finding(impact=(Impact.CODE_EXECUTION, Impact.DENIAL_OF_SERVICE)),
            False,
            id="graver-impact-too",
        ),
        pytest.param(
            _rule("CVE-2024-1", impacts=(Impact.DENIAL_OF_SERVICE,)), finding(), False, id="impact-unknown"
        ),
        pytest.param(_rule("CVE-2024-1", expires="2026-06-15"), finding(), True, id="last-day"),
        pytest.param(_rule("CVE-2024-1", expires="2026-06-14"), finding(), False, id="day-after"),
        pytest.param(
            _rule(purls=(purl.parse("pkg:deb/x"),)),
            finding(package=PackageRef(name="x", version="1", purl="", type="deb")),
            False,
            id="package-without-purl",
        ),
    ],
)
def test_one_rule(rule: Rule, found: Finding, *, aside: bool) -> None:
    decided = _decide([rule], found)
    if aside:
        expected = msgspec.structs.replace(found, suppression=rule.suppression)
        assert (decided.findings, decided.suppressed) == ((), (expected,))
        assert decided.unused == ()
    else:
        assert (decided.findings, decided.suppressed) == ((found,), ())


def test_nothing_is_changed_and_order_is_kept() -> None:
    found = [finding(f"CVE-2024-{number}") for number in range(6)]
    rules = [_rule("CVE-2024-4", source="f:4"), _rule("CVE-2024-1", source="f:1")]
    decided = _decide(rules, *found)
    assert decided.findings == (found[0], found[2], found[3], found[5])
    assert [(one.id, one.suppression) for one in decided.suppressed] == [
        ("CVE-2024-1", rules[1].suppression),
        ("CVE-2024-4", rules[0].suppression),
    ]
    assert all(one.suppression is None for one in found)


def test_first_exception_is_named_and_an_expired_one_gives_way() -> None:
    rules = [
        _rule("CVE-2024-1", source="f:1", expires="2026-01-01"),
        _rule("CVE-2024-1", source="f:2"),
        _rule("CVE-2024-1", source="f:3"),
        _rule("CVE-2024-9", source="f:4"),
    ]
    decided = _decide(rules, finding())
    assert [one.suppression for one in decided.suppressed] == [rules[1].suppression]
    assert decided.unused == ("f:4",)


@pytest.mark.parametrize(
    ("count", "told"),
    [(0, "no finding stands again"), (1, "1 finding stands again"), (2, "2 findings stand again")],
)
def test_expired_rules_are_told(count: int, told: str) -> None:
    rule = _rule("CVE-2024-1", "GHSA-A", expires="2026-06-14")
    decided = _decide([rule], *[finding()] * count)
    message = f"exception for CVE-2024-1, GHSA-A ended on 2026-06-14: {told}"
    assert decided.warnings == (Warned("f:1", message),)
    assert decided.unused == ()


def test_expired_rule_for_a_package_is_told() -> None:
    decided = _decide([_rule(names=(pattern.for_name("libssl3"),), expires="2026-06-14")], finding())
    assert [str(one) for one in decided.warnings] == [
        "f:1: exception for all vulnerabilities of a package ended on 2026-06-14: 1 finding stands again"
    ]


def test_expired_rule_that_another_covers_is_not_counted_as_standing() -> None:
    rules = [_rule("CVE-2024-1", expires="2026-06-14"), _rule("CVE-2024-1", source="f:2")]
    decided = _decide(rules, finding())
    assert [one.message for one in decided.warnings] == [
        "exception for CVE-2024-1 ended on 2026-06-14: no finding stands again"
    ]


def _component(text: str) -> Component:
    return Component(ids=(text,), purls=(purl.parse(text),) if text.startswith("pkg:") else ())


def _vex(
    status: str,
    product: str,
    *parts: str,
    day: int = 1,
    ids: tuple[str, ...] = ("CVE-2024-1",),
) -> Rule:
    return Rule(
        ids=ids,
        status=status,
        time=dt.datetime(2026, 1, day, tzinfo=dt.UTC),
        products=(VexProduct(component=_component(product), parts=tuple(map(_component, parts))),),
        suppression=Suppression(source="v", vex_status=status),
    )


@pytest.mark.parametrize(
    ("rule", "aside"),
    [
        pytest.param(_vex("fixed", OPENSSL.purl), True, id="package"),
        pytest.param(_vex("not_affected", "pkg:deb/debian/libssl3"), True, id="package-any-version"),
        pytest.param(_vex("fixed", "pkg:deb/debian/libssl3@3.0.11-1"), False, id="package-other-version"),
        pytest.param(_vex("affected", OPENSSL.purl), False, id="affected"),
        pytest.param(_vex("under_investigation", OPENSSL.purl), False, id="under-investigation"),
        pytest.param(_vex("fixed", OPENSSL.purl, ids=("CVE-2024-2",)), False, id="other-flaw"),
        pytest.param(_vex("fixed", DIGEST), True, id="image-digest"),
        pytest.param(_vex("fixed", f"pkg:oci/app@{DIGEST}"), True, id="image-purl"),
        pytest.param(_vex("fixed", "pkg:oci/other"), False, id="other-image"),
        pytest.param(_vex("fixed", "pkg:oci/app", "pkg:deb/debian/libssl3"), True, id="image-and-package"),
        pytest.param(_vex("fixed", "pkg:oci/app", "pkg:deb/debian/zlib1g"), False, id="image-other-package"),
        pytest.param(_vex("fixed", "pkg:oci/app", "pkg:deb/debian/x", OPENSSL.purl), True, id="second-part"),
        pytest.param(_vex("fixed", "pkg:oci/other", OPENSSL.purl), False, id="other-image-this-package"),
        pytest.param(_vex("fixed", DJANGO.purl, OPENSSL.purl), False, id="part-of-another-package"),
        pytest.param(_vex("fixed", OPENSSL.purl, "pkg:golang/x"), True, id="package-with-parts"),
        pytest.param(_vex("fixed", "registry.example/app"), True, id="image-reference"),
    ],
)
def test_one_statement(rule: Rule, *, aside: bool) -> None:
    decided = _decide([rule], finding())
    assert [one.suppression for one in decided.suppressed] == ([rule.suppression] if aside else [])
    assert len(decided.findings) == (not aside)
    assert decided.unused == ()


def test_latest_statement_decides_whatever_the_order_of_files() -> None:
    rules = [
        _vex("under_investigation", OPENSSL.purl, day=1),
        _vex("not_affected", "pkg:oci/app", day=2),
        _vex("affected", OPENSSL.purl, day=3),
        _vex("fixed", "pkg:deb/debian/libssl3", day=4),
    ]
    for order in itertools.permutations(rules):
        assert [one.suppression for one in _decide(list(order), finding()).suppressed] == [
            rules[3].suppression
        ]
    for order in itertools.permutations(rules[:3]):
        assert _decide(list(order), finding()).suppressed == ()


def test_among_equals_the_last_decides() -> None:
    fixed, affected = _vex("fixed", OPENSSL.purl), _vex("affected", OPENSSL.purl)
    assert len(_decide([affected, fixed], finding()).suppressed) == 1
    assert len(_decide([fixed, affected], finding()).suppressed) == 0


def test_a_statement_does_not_take_back_an_exception() -> None:
    own = _rule("CVE-2024-1", expires="2026-12-31")
    for rules in itertools.permutations(
        [own, _vex("affected", OPENSSL.purl), _vex("fixed", OPENSSL.purl, day=3)]
    ):
        assert [one.suppression for one in _decide(list(rules), finding()).suppressed] == [own.suppression]


def test_documented_example_as_a_whole() -> None:
    rules = exceptions.parse(
        b"exceptions:\n"
        b"  - {id: '*', package: libssl3, reason: r, owner: o, expires: never}\n"
        b"  - {id: CVE-2024-2, path: 'opt/**', reason: s, owner: p, expires: 2026-06-15}\n",
        ".lading.yaml",
    )
    first, second, third = finding("CVE-2024-9"), finding("CVE-2024-2", DJANGO), finding("CVE-2024-3", DJANGO)
    aside = Suppression(source=".lading.yaml:2", reason="r", owner="o")
    other = Suppression(source=".lading.yaml:3", reason="s", owner="p", expires="2026-06-15")
    assert apply([first, second, third], rules, today=TODAY, product=Product()) == Decided(
        findings=(third,),
        suppressed=(
            msgspec.structs.replace(first, suppression=aside),
            msgspec.structs.replace(second, suppression=other),
        ),
        warnings=(),
        unused=(),
    )


def test_many_statements_cost_a_look_up_each() -> None:
    rules = [_vex("fixed", "pkg:oci/app", OPENSSL.purl, ids=(f"CVE-{number}",)) for number in range(20_000)]
    decided = _decide(rules, *[finding(f"CVE-{number}") for number in range(0, 20_000, 2)])
    assert len(decided.suppressed) == 10_000
