"""What all files that set findings aside are turned into: one record, whatever the format."""

from __future__ import annotations

import datetime as dt

import msgspec

from lading.model.finding import Suppression
from lading.model.severity import Impact
from lading.policy.pattern import Glob
from lading.purl import Purl


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """The target of a scan, as far as a VEX document may name it. Empty: not known.

    reference: of the image, as given or in full (`registry.example/team/app:1.2`).
    digest: of the manifest. other_digests: of the index it was chosen from, and of the config.
    arch: as the image's config says (`amd64`).
    purls: of what an SBOM or directory describes as its main component.
    """

    reference: str = ""
    digest: str = ""
    other_digests: tuple[str, ...] = ()
    arch: str = ""
    purls: tuple[str, ...] = ()


class Component(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of software that a VEX statement names; any one of its identifiers will do.

    ids: IRIs and references, as written. purls: those of them that are package URLs, taken apart.
    digests: `sha256:` and hexadecimal.
    """

    ids: tuple[str, ...] = ()
    purls: tuple[Purl, ...] = ()
    digests: tuple[str, ...] = ()


class VexProduct(msgspec.Struct, frozen=True, kw_only=True):
    """A product of a VEX statement, with those of its components that the statement is about.

    parts: none stands for the product with all that is in it.
    """

    component: Component
    parts: tuple[Component, ...] = ()


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """Something that sets findings aside, or that takes such a thing back.

    A finding has to meet every condition that is there; within one condition any member will do.

    ids: identifiers of vulnerabilities, upper case; none stands for all.
    names: patterns for the package's name. purls: package URLs; either kind of condition will do.
    paths: patterns for the path where the package was found.
    impacts: what the finding's impacts must all be among, and it must have one.
    products: of a VEX statement; none for other rules.
    status: of a VEX statement; empty for other rules.
    time: of a VEX statement, in UTC; a later one overrides an earlier one.
    suppression: what a finding that is set aside will carry, expiry included.
    """

    ids: tuple[str, ...] = ()
    names: tuple[Glob, ...] = ()
    purls: tuple[Purl, ...] = ()
    paths: tuple[Glob, ...] = ()
    impacts: tuple[Impact, ...] = ()
    products: tuple[VexProduct, ...] = ()
    status: str = ""
    time: dt.datetime | None = None
    suppression: Suppression


class Warned(msgspec.Struct, frozen=True):
    """Something the reader of a report must know about a rule.

    where: file and line. message: one line.
    """

    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"
