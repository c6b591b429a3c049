"""OpenVEX documents: what a supplier says of vulnerabilities in a product.

A statement joins a vulnerability, products, and a status. `not_affected` and `fixed` set findings aside,
`affected` and `under_investigation` take back what an earlier statement set aside. Statements on
the same thing override each other by time; one without a timestamp has its document's.

Read are versions 0.0.1 (where vulnerability and products are plain strings) to 0.2.0, bare or as the
predicate of an in-toto statement, whose subjects are then the products of statements that name none.
Specification: https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md
"""

from __future__ import annotations

import datetime as dt

import msgspec

from lading.errors import LimitError, MalformedError
from lading.model.finding import Suppression
from lading.policy import purl
from lading.policy.rule import Component, Rule, VexProduct
from lading.purl import Purl

MAX_BYTES = 64 * 2**20
NAMESPACE = "https://openvex.dev/ns"
TELLING = frozenset({"@context", "predicateType"})

_NOTHING_TO_DO = frozenset({"not_affected", "fixed"})
_STATUSES = _NOTHING_TO_DO | {"affected", "under_investigation"}
_JUSTIFICATIONS = {
    "component_not_present": "component not present",
    "vulnerable_code_not_present": "vulnerable code not present",
    "vulnerable_code_not_in_execute_path": "vulnerable code not in execute path",
    "vulnerable_code_cannot_be_controlled_by_adversary": "vulnerable code cannot be controlled by adversary",
    "inline_mitigations_already_exist": "inline mitigations already exist",
}


class _Vulnerability(msgspec.Struct):
    name: str = ""
    id: str = msgspec.field(name="@id", default="")
    aliases: list[str] = []


class _Component(msgspec.Struct):
    id: str = msgspec.field(name="@id", default="")
    identifiers: dict[str, str] = {}
    hashes: dict[str, str] = {}
    subcomponents: list[_Component | str] = []


class _Statement(msgspec.Struct):
    vulnerability: _Vulnerability | str
    status: str
    products: list[_Component | str] = []
    subcomponents: list[_Component | str] = []
    timestamp: str | None = None
    justification: str = ""
    impact_statement: str = ""
    status_notes: str = ""


class _Document(msgspec.Struct):
    context: str = msgspec.field(name="@context")
    statements: list[_Statement]
    author: str = ""
    timestamp: str | None = None


class _Subject(msgspec.Struct):
    name: str = ""
    uri: str = ""
    digest: dict[str, str] = {}


class _Attestation(msgspec.Struct):
    predicate: _Document
    subject: list[_Subject] = []


def parse(data: bytes, where: str) -> tuple[Rule, ...]:
    """Return one rule for each statement, in file order.

    where: name of the file; errors and `Suppression.source` carry it with the statement's JSON pointer.

    Raises `MalformedError` for what is not OpenVEX: other JSON, a status or justification that the
    specification does not have, `not_affected` without a reason, a statement without vulnerability,
    product or time; `LimitError` for size.
    """
    if len(data) > MAX_BYTES:
        raise LimitError(f"larger than {MAX_BYTES} bytes", where)
    attestation = _decode(data, where)
    document = attestation.predicate
    if not document.context.startswith(NAMESPACE):
        raise MalformedError(f"@context is {document.context[:80]!r}, not OpenVEX's", where)
    inherited = tuple(VexProduct(component=_subject(subject, where)) for subject in attestation.subject)
    return tuple(
        _rule(document, statement, inherited, f"{where}#/statements/{number}")
        for number, statement in enumerate(document.statements)
    )


def _decode(data: bytes, where: str) -> _Attestation:
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        head = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
        if "predicate" in head:
            return msgspec.json.decode(data, type=_Attestation)
        return _Attestation(msgspec.json.decode(data, type=_Document))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedError(f"not an OpenVEX document: {error}", where) from error
    except RecursionError as error:
        raise LimitError("nested too deep", where) from error


def _rule(document: _Document, statement: _Statement, inherited: tuple[VexProduct, ...], where: str) -> Rule:
    products = _products(statement, where) or inherited
    if not products:
        raise MalformedError("statement without a product", where)
    return Rule(
        ids=_ids(statement.vulnerability, where),
        products=products,
        status=_status(statement, where),
        time=_time(statement.timestamp or document.timestamp, where),
        suppression=Suppression(
            source=where, reason=_reason(statement), owner=document.author, vex_status=statement.status
        ),
    )


def _ids(vulnerability: _Vulnerability | str, where: str) -> tuple[str, ...]:
    if isinstance(vulnerability, str):
        vulnerability = _Vulnerability(vulnerability)
    # Version 0.2.0 documents exist that have the name in @id alone, often at the end of a URL.
    name = vulnerability.name or vulnerability.id.rstrip("/").rpartition("/")[2]
    if not name:
        raise MalformedError("statement without a vulnerability", where)
    return tuple(dict.fromkeys(text.upper() for text in (name, *vulnerability.aliases) if text))


def _status(statement: _Statement, where: str) -> str:
    if statement.status not in _STATUSES:
        known = ", ".join(sorted(_STATUSES))
        raise MalformedError(f"status {statement.status[:80]!r} is none of {known}", where)
    if statement.justification and statement.justification not in _JUSTIFICATIONS:
        raise MalformedError(f"unknown justification {statement.justification[:80]!r}", where)
    unexplained = not (statement.justification or statement.impact_statement)
    if statement.status == "not_affected" and unexplained:
        hint = "the specification asks for a justification or an impact_statement"
        raise MalformedError("not_affected without a reason", where, hint)
    return statement.status


def _reason(statement: _Statement) -> str:
    parts = (
        _JUSTIFICATIONS.get(statement.justification, ""),
        statement.impact_statement,
        statement.status_notes,
    )
    return ": ".join(" ".join(part.split()) for part in parts if part.strip())


def _time(text: str | None, where: str) -> dt.datetime:
    if not text:
        raise MalformedError("neither statement nor document has a timestamp", where)
    try:
        time = msgspec.convert(text, dt.datetime)
    except msgspec.ValidationError:
        raise MalformedError(f"timestamp {text[:80]!r} is not RFC 3339", where) from None
    # One without an offset is against the specification, but its order is clear enough.
    return time.replace(tzinfo=dt.UTC) if time.tzinfo is None else time


def _products(statement: _Statement, where: str) -> tuple[VexProduct, ...]:
    return tuple(
        VexProduct(
            component=_component(product, where),
            parts=tuple(
                _component(part, where)
                for part in (*_written(product).subcomponents, *statement.subcomponents)
            ),
        )
        for product in statement.products
    )


def _written(component: _Component | str) -> _Component:
    return _Component(component) if isinstance(component, str) else component


def _component(written: _Component | str, where: str) -> Component:
    component = _written(written)
    ids = tuple(filter(None, (component.id, *component.identifiers.values())))
    digests = tuple(
        f"{name.replace('-', '')}:{value.lower()}"
        for name, value in component.hashes.items()
        if name in {"sha-256", "sha-512"}
    )
    if not ids and not component.hashes:
        raise MalformedError("product or subcomponent without an identifier", where)
    return Component(ids=ids, purls=_purls(ids, where), digests=digests)


def _purls(ids: tuple[str, ...], where: str) -> tuple[Purl, ...]:
    try:
        return tuple(purl.parse(text) for text in ids if text.lower().startswith("pkg:"))
    except MalformedError as error:
        raise MalformedError(error.message, where) from error


def _subject(subject: _Subject, where: str) -> Component:
    digests = tuple(
        f"{name}:{value.lower()}" for name, value in subject.digest.items() if name in {"sha256", "sha512"}
    )
    # A subject is what its digest says; the name alone tells only where there is no digest.
    ids = () if digests else tuple(filter(None, (subject.name, subject.uri)))
    return Component(ids=ids, purls=_purls(ids, where), digests=digests)


def looks_like(head: dict[str, object]) -> bool:
    """True if a JSON object with these members is an OpenVEX document, or an attestation with one.

    head: its members, or as many of them as are in `TELLING`.
    """
    kind = head.get("predicateType", head.get("@context"))
    return isinstance(kind, str) and kind.startswith(NAMESPACE)
