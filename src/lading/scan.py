"""The one function where the stages meet: an image is read, matched and judged; out comes the report.

    image -> facts of its layers -> packages -> findings -> what stands of them -> report

Everything that varies is handed in: the image, the place of the cache, the advisories, the rules
that set findings aside, the date. Nothing here opens a connection or looks at a clock.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

import lading
from lading import inventory
from lading.advisories import match
from lading.advisories.store import Stores
from lading.inventory import distro, os_release
from lading.inventory.assemble import OS_TYPES, Contents, named
from lading.inventory.onlooker import LayerOnlooker
from lading.inventory.walked import Progress, read_image
from lading.model.fact import DATABASES, OsRelease, Skipped
from lading.model.package import Package
from lading.model.report import ImageInfo, LayerInfo, OsInfo, Report, Tool
from lading.oci.dispatch import Dispatch
from lading.oci.factcache import FactCache
from lading.oci.image import Image, Layer
from lading.oci.layout import open_file
from lading.policy.apply import apply
from lading.policy.rule import Product, Rule

# Given the ecosystems of the packages found (`Debian:12`, `PyPI`), gives their advisories.
OpenAdvisories = Callable[[Sequence[str]], Stores]

# Who says that nobody writes advisories for the packages of a system.
_SYSTEM = "advisories/system"
# Who says that there is no list of a system's packages.
_PACKAGES = "os/packages"


@dataclass(frozen=True, slots=True)
class Inventory:
    """What a target carries, before anything is judged.

    image: as it will stand in the report. read: how many layers had to be read.
    product: the names under which VEX documents may speak of it.
    """

    target: str
    contents: Contents
    image: ImageInfo
    skipped: tuple[Skipped, ...] = ()
    read: int = 0
    product: Product = field(default_factory=Product)

    @property
    def ecosystems(self) -> list[str]:
        """The ecosystems that have to be asked, with release, sorted."""
        return sorted({package.ecosystem for package in self.contents.packages} - {""})


@dataclass(frozen=True, slots=True)
class Scan:
    """A report, and what is to be said beside it.

    warnings: lines for the user (expired exceptions ...). reasons: why an ecosystem has no advisories.
    """

    report: Report
    warnings: tuple[str, ...] = ()
    reasons: tuple[tuple[str, str], ...] = ()

    @property
    def gaps(self) -> tuple[str, ...]:
        """What keeps "nothing found" from meaning that nothing is there, one line each."""
        return (
            *(f"{name}: {reason}" for name, reason in self.reasons),
            *unjudged(self.report),
            *lost(self.report),
        )


def take_inventory(
    image: Image,
    cache: Path | None,
    *,
    jobs: int = 0,
    today: dt.date,
    progress: Progress = lambda _at, _known: None,
) -> Inventory:
    """Return what an image carries.

    cache: SQLite file with the facts of layers; None to read all of them.
    jobs: layers read at once, 0 for what suits the machine. today: judges the end of life.
    progress: told of each layer that is done. Raises what reading the image raises.
    """
    directory = bool(image.layers) and all(layer.directory for layer in image.layers)
    readers = inventory.READERS + (inventory.LOCK_READERS if directory else ())
    dispatch = Dispatch(readers)
    with FactCache(cache, dispatch.version) as facts:
        walked = read_image(image, dispatch, facts, jobs=jobs, progress=progress)
    contents = walked.contents
    if directory and any(package.type in OS_TYPES for package in contents.packages):
        contents = _without_locks(contents)
    info = ImageInfo(
        digest=image.digest,
        config_digest=image.config_digest,
        os=os_info(contents.os, today),
        architecture=image.architecture,
        created=image.created,
        labels=dict(sorted(image.labels.items())),
        layers=tuple(
            _layer(layer, facts.files, facts.content_bytes)
            for layer, facts in zip(image.layers, walked.layers, strict=True)
            if not layer.directory
        ),
    )
    product = Product(
        reference=image.target,
        digest=image.digest,
        other_digests=(image.config_digest,) if image.config_digest else (),
        arch=image.architecture,
    )
    skipped = (*walked.skipped, *_unlisted(contents, walked.skipped))
    return Inventory(image.target, contents, info, skipped, walked.read, product)


def onlooker(cache: Path) -> Callable[[], LayerOnlooker]:
    """Return what looks at new layers while they are written, so that `take_inventory` need not read them.

    cache: as for `take_inventory`. What is returned makes an onlooker for each layer.
    """
    dispatch = Dispatch(inventory.READERS)
    return lambda: LayerOnlooker(dispatch, cache)


def take_sbom(path: Path, target: str, *, today: dt.date) -> Inventory:
    """Return what a bill of materials (CycloneDX or SPDX) says that something carries.

    Raises `MalformedError` where the file is none, `LimitError` where it is too large.
    """
    from lading.inventory import sbom

    with open_file(path, target) as file:
        data = file.read(sbom.MAX_BYTES + 1)
    read = sbom.read(data, target)
    packages = tuple(named(package, read.os) for package in read.packages)
    purls = {package.purl for package in packages}
    info = ImageInfo(os=os_info(read.os, today))
    return Inventory(
        target, Contents(packages, (), read.os), info, product=Product(purls=tuple(sorted(purls)))
    )


def scan(
    found: Inventory,
    advisories: OpenAdvisories,
    rules: Sequence[Rule] = (),
    *,
    today: dt.date,
) -> Scan:
    """Return the report on an inventory, findings by falling risk.

    rules: set findings aside; they stay in the report, with the reason.
    today: judges whether an exception still holds.
    """
    with advisories(found.ecosystems) as stores:
        ended = found.image.os is not None and found.image.os.ended
        matched = match.findings(found.contents.packages, stores, ended=ended)
        unknown = tuple(_unknown(found, stores))
        available, missing = dict(stores.available), stores.missing
        reasons = tuple((name, stores.reasons[name]) for name in missing)
    decided = apply(matched.findings, rules, today=today, product=found.product)
    report = msgspec.structs.replace(
        _report(found, skipped=(*found.skipped, *matched.skipped, *unknown)),
        findings=decided.findings,
        suppressed=decided.suppressed,
        advisories=dict(sorted(available.items())),
        unmatched=missing,
    )
    warnings = (
        *(str(warned) for warned in decided.warnings),
        *(f"{source}: no finding here is covered by it" for source in decided.unused),
    )
    return Scan(report, warnings, reasons)


def lost(report: Report) -> tuple[str, ...]:
    """Return what could not be read and may have held any number of packages, one line each."""
    return tuple(
        f"{item.path}: {item.reason}" for item in report.skipped if item.reader.startswith(DATABASES)
    )


def unjudged(report: Report) -> tuple[str, ...]:
    """Return which packages of an operating system no advisory speaks of, one line each."""
    return tuple(item.reason for item in report.skipped if item.reader == _SYSTEM)


def undecided(report: Report) -> tuple[str, ...]:
    """Return the packages whose versions cannot be compared with those of their advisories, one line each."""
    return tuple(item.reason for item in report.skipped if item.reader == match.READER)


def bill(found: Inventory) -> Report:
    """Return the report on an inventory that nothing has judged: a bill of materials."""
    return _report(found, skipped=found.skipped)


def os_info(os: OsRelease | None, today: dt.date) -> OsInfo | None:
    """Return what a report says of an operating system; None for none."""
    if os is None:
        return None
    end = distro.end_of_life(os)
    return OsInfo(
        id=os.id,
        version=os.version,
        name=os.pretty_name or os.name,
        codename=os.codename,
        ecosystem=distro.ecosystem(os),
        end_of_life=end.isoformat() if end else None,
        ended=end is not None and end < today,
    )


def _unlisted(contents: Contents, skipped: Iterable[Skipped]) -> Iterable[Skipped]:
    """Yield a note for a system of whose packages there is no list, unless it is among what was skipped.

    Images are made smaller by removing it, and some of cut packages never had one; the programs and libraries of the
    system are there all the same.
    """
    os = contents.os
    listed = any(package.type in OS_TYPES for package in contents.packages)
    if os is not None and not listed and not any(item.reader.startswith("os/") for item in skipped):
        system = f"{os.id} {os.version}".rstrip()
        reason = f"{system} has no list of its packages (removed, or never there): nothing is known of them"
        yield Skipped(_PACKAGES, os_release.path_of(os), reason)


def _unknown(found: Inventory, stores: Stores) -> Iterable[Skipped]:
    """Yield a note for each system whose packages cannot be judged, so that none is found in them."""
    groups: dict[str, list[Package]] = {}
    for package in found.contents.packages:
        if package.type in OS_TYPES:
            groups.setdefault(package.ecosystem, []).append(package)
    os = found.contents.os
    system = f"{os.id} {os.version}".rstrip() if os else "a system that does not say what it is"
    for ecosystem, packages in sorted(groups.items()):
        if ecosystem and stores.knows(ecosystem):
            continue
        path = packages[0].locations[0].path if packages[0].locations else ""
        many = f"{len(packages)} package" + "s" * (len(packages) != 1)
        reason = f"there are no advisories for {ecosystem or system}: nothing is known of its {many}"
        yield Skipped(_SYSTEM, path, reason)


def _report(found: Inventory, skipped: Iterable[Skipped]) -> Report:
    return Report(
        tool=Tool(name="lading", version=lading.__version__),
        target=found.target,
        image=found.image,
        packages=found.contents.packages,
        removed=found.contents.removed,
        skipped=tuple(
            sorted(set(skipped), key=lambda item: (item.path, item.reader, item.reason, item.layer))
        ),
    )


def _layer(layer: Layer, files: int, size: int) -> LayerInfo:
    return LayerInfo(
        digest=layer.digest,
        diff_id=layer.diff_id,
        size=layer.size,
        created_by=layer.created_by,
        created=layer.created,
        files=files,
        bytes=size,
        line=layer.line,
        source=layer.source,
    )


def _without_locks(contents: Contents) -> Contents:
    """Return the contents of a directory that is a root file system.

    Lock files that lie in one belong to what was built there; what is installed tells itself.
    """
    locks = {reader.name for reader in inventory.LOCK_READERS}

    def keeps(package: Package) -> bool:
        return package.reader not in locks

    return Contents(tuple(filter(keeps, contents.packages)), contents.removed, contents.os)
