"""The one update that closes all that can be closed: the highest of the versions that mend a package."""

from __future__ import annotations

from collections.abc import Sequence

from lading import versions
from lading.errors import LadingError
from lading.model.finding import Finding

# purl type -> order of its versions.
_SCHEMES = {
    "alpm": "pacman", "apk": "apk", "cargo": "semver", "composer": "composer", "deb": "dpkg", "gem": "rubygems",
    "golang": "semver", "hex": "semver", "maven": "maven", "npm": "semver", "nuget": "nuget", "pub": "semver",
    "pypi": "pep440", "rpm": "rpm",
}  # fmt: skip


def closing(findings: Sequence[Finding]) -> str:
    """Return the lowest version that closes all of a package's findings that any version closes.

    findings: of one package. Empty if nothing closes any, or where the order of versions is not known.
    """
    fixes = {finding.fixed_in for finding in findings if finding.fixed_in}
    if len(fixes) < 2:  # noqa: PLR2004 -- nothing to compare
        return next(iter(fixes), "")
    scheme = _SCHEMES.get(findings[0].package.type)
    if scheme is None:
        return ""
    try:
        # The text decides between versions that are equal (1.0 and 1.0.0): the same every time.
        return max(fixes, key=lambda version: (versions.key_of(scheme, version), version))
    except LadingError:
        return ""
