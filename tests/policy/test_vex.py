from __future__ import annotations

import contextlib
import datetime as dt
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lading.errors import LadingError, LimitError, MalformedError
from lading.model.finding import Suppression
from lading.policy import purl, vex
from lading.policy.rule import Component, Rule, VexProduct

GIT = "pkg:apk/wolfi/git@2.39.0-r1?arch=x86_64"
STATEMENT: dict[str, Any] = {
    "vulnerability": {"name": "CVE-2023-1"},
    "products": [{"@id": GIT}],
    "status": "fixed",
}
DOCUMENT: dict[str, Any] = {
    "@context": "https://openvex.dev/ns/v0.2.0",
    "@id": "https://openvex.dev/docs/example/vex-1",
    "author": "Wolfi",
    "timestamp": "2023-01-08T18:02:03.647787998-06:00",
    "version": 1,
    "statements": [STATEMENT],
}
TIME = dt.datetime(2023, 1, 9, 0, 2, 3, 647788, dt.UTC)


def _document(*statements: dict[str, Any], **changes: Any) -> bytes:  # noqa: ANN401 - JSON
    return json.dumps({**DOCUMENT, "statements": list(statements), **changes}).encode()


def _component(text: str) -> Component:
    return Component(ids=(text,), purls=(purl.parse(text),) if text.startswith("pkg:") else ())


def _vex(status: str, reason: str = "", number: int = 0) -> Suppression:
    return Suppression(source=f"v#/statements/{number}", reason=reason, owner="Wolfi", vex_status=status)


def test_minimal() -> None:
    assert vex.parse(_document(STATEMENT), "v") == (
        Rule(
            ids=("CVE-2023-1",),
            products=(VexProduct(component=_component(GIT)),),
            status="fixed",
            time=TIME,
            suppression=_vex("fixed"),
        ),
    )


def test_everything() -> None:
    statement = {
        "@id": "https://example.org/s/1",
        "vulnerability": {
            "@id": "https://nvd.nist.gov/vuln/detail/CVE-2023-2",
            "name": "CVE-2023-2",
            "aliases": ["GHSA-aaaa-bbbb-cccc", "CVE-2023-2"],
        },
        "timestamp": "2024-01-01T00:00:00Z",
        "products": [
            {
                "@id": "https://example.org/product",
                "identifiers": {"purl": "pkg:oci/app", "cpe23": "cpe:2.3:a:x:y:*:*:*:*:*:*:*:*"},
                "hashes": {"sha-256": "ABCD", "md5": "00"},
                "subcomponents": [{"@id": "pkg:pypi/django"}, {"identifiers": {"purl": "pkg:deb/debian/x"}}],
            }
        ],
        "status": "not_affected",
        "justification": "vulnerable_code_not_in_execute_path",
        "impact_statement": "never\n  called",
        "status_notes": "seen",
    }
    assert vex.parse(_document(STATEMENT, statement), "v")[1] == Rule(
        ids=("CVE-2023-2", "GHSA-AAAA-BBBB-CCCC"),
        products=(
            VexProduct(
                component=Component(
                    ids=(
                        "https://example.org/product",
                        "pkg:oci/app",
                        "cpe:2.3:a:x:y:*:*:*:*:*:*:*:*",
                    ),
                    purls=(purl.parse("pkg:oci/app"),),
                    digests=("sha256:abcd",),
                ),
                parts=(_component("pkg:pypi/django"), _component("pkg:deb/debian/x")),
            ),
        ),
        status="not_affected",
        time=dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
        suppression=_vex("not_affected", "vulnerable code not in execute path: never called: seen", 1),
    )


def test_first_version_of_the_format() -> None:
    old = {
        "vulnerability": "CVE-2023-1",
        "products": [GIT],
        "subcomponents": ["pkg:pypi/x"],
        "status": "affected",
        "action_statement": "update",
    }
    (rule,) = vex.parse(_document(old, **{"@context": "https://openvex.dev/ns"}), "v")
    assert rule.ids == ("CVE-2023-1",)
    assert rule.products == (VexProduct(component=_component(GIT), parts=(_component("pkg:pypi/x"),)),)
    assert rule.status == "affected"


def test_name_only_in_the_id() -> None:
    statement = {**STATEMENT, "vulnerability": {"@id": "https://nvd.nist.gov/vuln/detail/cve-2023-9/"}}
    assert vex.parse(_document(statement), "v")[0].ids == ("CVE-2023-9",)


def test_attestation_gives_its_subjects_as_products() -> None:
    bare = {key: value for key, value in STATEMENT.items() if key != "products"}
    data = json.dumps(
        {
            "_type": "https://in-toto.io/Statement/v1",
            "predicateType": "https://openvex.dev/ns/v0.2.0",
            "subject": [
                {"name": "registry.example/app", "digest": {"sha256": "AB12", "sha1": "00"}},
                {"name": "pkg:oci/app"},
            ],
            "predicate": {**DOCUMENT, "statements": [bare, STATEMENT]},
        }
    ).encode()
    first, second = vex.parse(data, "v")
    assert first.products == (
        VexProduct(component=Component(digests=("sha256:ab12",))),
        VexProduct(component=_component("pkg:oci/app")),
    )
    assert second.products == (VexProduct(component=_component(GIT)),)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param(
            {"status": "safe"}, "status 'safe' is none of affected, fixed, not_affected", id="status"
        ),
        pytest.param({"status": "not_affected"}, "not_affected without a reason", id="no-reason"),
        pytest.param({"justification": "trust_me"}, "unknown justification 'trust_me'", id="justification"),
        pytest.param({"products": []}, "statement without a product", id="no-product"),
        pytest.param({"products": [{}]}, "product or subcomponent without an identifier", id="empty-product"),
        pytest.param({"products": ["pkg:x"]}, "package URL without type or name", id="bad-purl"),
        pytest.param({"vulnerability": {}}, "statement without a vulnerability", id="no-vulnerability"),
        pytest.param({"timestamp": "yesterday"}, "timestamp 'yesterday' is not RFC 3339", id="time"),
    ],
)
def test_malformed_statement(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(MalformedError, match=re.escape(f"v#/statements/1: {message}")):
        vex.parse(_document(STATEMENT, {**STATEMENT, **changes}), "v")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b"{", "^v: not an OpenVEX document: ", id="truncated"),
        pytest.param(b"[]", "^v: not an OpenVEX document: ", id="list"),
        pytest.param(b"{}", "^v: not an OpenVEX document: .*@context", id="empty"),
        pytest.param(b'{"@context": "x", "statements": []}', "^v: @context is 'x'", id="context"),
        pytest.param(b'{"@context": "\xff"}', "^v: not an OpenVEX document", id="not-utf8"),
        pytest.param(
            _document({**STATEMENT, "products": "x"}), r"\$\.statements\[0\]\.products", id="type-names-place"
        ),
        pytest.param(_document(STATEMENT, timestamp=None), "neither statement nor document", id="no-time"),
    ],
)
def test_malformed(data: bytes, message: str) -> None:
    with pytest.raises(MalformedError, match=message):
        vex.parse(data, "v")


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LadingError, match=r"nested too deep|not an OpenVEX document"):
        vex.parse(b'{"@context":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "v")
    monkeypatch.setattr(vex, "MAX_BYTES", 10)
    with pytest.raises(LimitError, match="larger than 10 bytes"):
        vex.parse(_document(STATEMENT), "v")


def test_byte_order_mark() -> None:
    assert vex.parse(b"\xef\xbb\xbf" + _document(STATEMENT), "v") == vex.parse(_document(STATEMENT), "v")


def test_cut_anywhere() -> None:
    data = _document(STATEMENT)
    for end in range(len(data)):
        with pytest.raises(MalformedError):
            vex.parse(data[:end], "v")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from([*STATEMENT, "timestamp", "justification", "subcomponents"]), _JSON)
def test_any_json_in_a_field(key: str, value: object) -> None:
    with contextlib.suppress(LadingError):
        vex.parse(_document({**STATEMENT, key: value}), "v")
