"""Setting findings aside by rules: what is true stays as it is, what we accept is told apart from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import msgspec

from lading.errors import MalformedError
from lading.model.finding import Finding, Suppression
from lading.policy import pattern, product, purl
from lading.policy.product import Identity
from lading.policy.rule import Component, Product, Rule, VexProduct, Warned
from lading.purl import Purl

_NOTHING_TO_DO = frozenset({"not_affected", "fixed"})
_ALL = ""


class Decided(msgspec.Struct, frozen=True):
    """The findings, parted.

    findings: those that stand. suppressed: those set aside, each with its `Suppression`. Both in
        the order in which they came.
    warnings: what the reader must be told, by rule: expired ones, with what they no longer cover.
    unused: the sources of rules that hold and met no finding, in rule order; statements of VEX
        documents, which are not written for one image, are not among them.
    """

    findings: tuple[Finding, ...]
    suppressed: tuple[Finding, ...]
    warnings: tuple[Warned, ...]
    unused: tuple[str, ...]


def apply(findings: Sequence[Finding], rules: Sequence[Rule], *, today: dt.date, product: Product) -> Decided:
    """Return the findings parted into those that stand and those that a rule sets aside.

    rules: of any number of files, in any order. The first exception that applies gives the
        suppression; where there is none, the latest VEX statement that applies decides (among
        equals the last given). A statement never takes back an exception of the reader's own.
    today: exceptions hold up to and on the day that they name.
    product: the target, which VEX statements may name.

    Looks at each finding only with the rules for its identifiers and those for all identifiers.
    """
    state = _Applying(rules, today, product)
    standing: list[Finding] = []
    suppressed: list[Finding] = []
    for finding in findings:
        suppression = state.decide(finding)
        if suppression is None:
            standing.append(finding)
        else:
            suppressed.append(msgspec.structs.replace(finding, suppression=suppression))
    return Decided(tuple(standing), tuple(suppressed), state.warnings(), state.unused())


class _Applying:
    """The rules by identifier, and how many findings each has met so far.

    What counts for an expired rule are the findings that stand because it has expired.
    """

    def __init__(self, rules: Sequence[Rule], today: dt.date, target: Product) -> None:
        self.rules = rules
        self.today = today.isoformat()
        self.identity = product.identify(target)
        self.met = [0] * len(rules)
        self.by_id: dict[str, list[int]] = {}
        for number, rule in enumerate(rules):
            for identifier in rule.ids or (_ALL,):
                self.by_id.setdefault(identifier, []).append(number)

    def decide(self, finding: Finding) -> Suppression | None:
        """Return why `finding` is set aside; None if it stands."""
        latest: Rule | None = None
        first: Rule | None = None
        lapsed: list[int] = []
        actual = _purl(finding)
        for number in self._candidates(finding):
            rule = self.rules[number]
            if not self._applies(rule, finding, actual):
                continue
            if self._expired(rule):
                lapsed.append(number)
                continue
            self.met[number] += 1
            if rule.products:
                latest = rule if latest is None or _not_before(rule, latest) else latest
            elif first is None:
                first = rule
        if first is not None:
            return first.suppression
        if latest is not None and latest.status in _NOTHING_TO_DO:
            return latest.suppression
        for number in lapsed:
            self.met[number] += 1
        return None

    def warnings(self) -> tuple[Warned, ...]:
        """Return one warning for each expired rule."""
        return tuple(
            _expired_warning(rule, met)
            for rule, met in zip(self.rules, self.met, strict=True)
            if self._expired(rule)
        )

    def unused(self) -> tuple[str, ...]:
        """Return the sources of exceptions that hold and have met no finding."""
        return tuple(
            rule.suppression.source
            for rule, met in zip(self.rules, self.met, strict=True)
            if not (met or rule.products or self._expired(rule))
        )

    def _candidates(self, finding: Finding) -> list[int]:
        names = {finding.id.upper(), *(name.upper() for name in (*finding.aliases, *finding.sources)), _ALL}
        return sorted({number for name in names for number in self.by_id.get(name, ())})

    def _expired(self, rule: Rule) -> bool:
        # ISO dates have the order of their texts.
        return bool(rule.suppression.expires) and rule.suppression.expires < self.today

    def _applies(self, rule: Rule, finding: Finding, actual: Purl | None) -> bool:
        if rule.products:
            return any(_concerns(one, finding, actual, self.identity) for one in rule.products)
        path = finding.package.path
        return (
            _is_package(rule, finding, actual)
            and (not rule.paths or any(pattern.matches_path(glob, path) for glob in rule.paths))
            and (not rule.impacts or (bool(finding.impact) and set(finding.impact) <= set(rule.impacts)))
        )


def _is_package(rule: Rule, finding: Finding, actual: Purl | None) -> bool:
    if not (rule.names or rule.purls):
        return True
    return any(pattern.matches_name(glob, finding.package.name) for glob in rule.names) or _covered(
        rule.purls, finding, actual
    )


def _concerns(vex: VexProduct, finding: Finding, actual: Purl | None, identity: Identity) -> bool:
    """True if a VEX statement on this product is one on the finding's package in this target."""
    if _is_component(vex.component, finding, actual):
        return True  # the package is the product: its parts only say where in it the flaw lies
    return product.names(vex.component, identity) and (
        not vex.parts or any(_is_component(part, finding, actual) for part in vex.parts)
    )


def _is_component(component: Component, finding: Finding, actual: Purl | None) -> bool:
    return finding.package.purl in component.ids or _covered(component.purls, finding, actual)


def _covered(purls: Iterable[Purl], finding: Finding, actual: Purl | None) -> bool:
    if actual is None:
        return False
    return any(purl.covers(wanted, actual, finding.package.source_name) for wanted in purls)


def _purl(finding: Finding) -> Purl | None:
    try:
        return purl.parse(finding.package.purl)
    except MalformedError:
        return None  # a package without a package URL is known by its name alone


def _not_before(rule: Rule, other: Rule) -> bool:
    return rule.time is None or other.time is None or rule.time >= other.time


def _expired_warning(rule: Rule, met: int) -> Warned:
    what = ", ".join(rule.ids) or "all vulnerabilities of a package"
    count = {0: "no finding stands again", 1: "1 finding stands again"}.get(
        met, f"{met} findings stand again"
    )
    ended = f"exception for {what} ended on {rule.suppression.expires}: {count}"
    return Warned(rule.suppression.source, ended)
