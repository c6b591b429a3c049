from __future__ import annotations

import pkgutil
import subprocess
import sys

import pytest

from lading import versions
from lading.errors import MalformedError, UsageError


@pytest.mark.parametrize(
    ("ecosystem", "scheme"),
    [
        ("Debian", "dpkg"),
        ("Debian:12", "dpkg"),
        ("Ubuntu:22.04:LTS", "dpkg"),
        ("Ubuntu:Pro:18.04:LTS", "dpkg"),
        ("Echo", "dpkg"),
        ("Alpine:v3.10", "apk"),
        ("Wolfi", "apk"),
        ("Chainguard", "apk"),
        ("Alpaquita:23", "apk"),
        ("MinimOS", "apk"),
        ("AlmaLinux:9", "rpm"),
        ("Rocky Linux:8", "rpm"),
        ("Red Hat:enterprise_linux:9::appstream", "rpm"),
        ("SUSE:Linux Enterprise Server 15 SP5", "rpm"),
        ("openSUSE:Leap 15.5", "rpm"),
        ("Mageia:9", "rpm"),
        ("Photon OS:5.0", "rpm"),
        ("Azure Linux:3", "rpm"),
        ("openEuler:24.03-LTS", "rpm"),
        ("Amazon Linux:2023", "rpm"),
        ("npm", "semver"),
        ("Go", "semver"),
        ("crates.io", "semver"),
        ("Hex", "semver"),
        ("SwiftURL", "semver"),
        ("GitHub Actions", "semver"),
        ("PyPI", "pep440"),
        ("Maven", "maven"),
        ("Maven:https://maven.google.com", "maven"),
        ("RubyGems", "rubygems"),
        ("NuGet", "nuget"),
        ("Packagist", "composer"),
        ("Packagist:https://packages.drupal.org/8", "composer"),
        ("Arch Linux", "pacman"),
        ("Docker Hardened Images:Alpine:3.23", "apk"),
        ("Root:Debian:12", "dpkg"),
        ("Root:PyPI", "pep440"),
        ("Root", None),
        ("Root:Root:PyPI", None),
        ("CRAN", None),
        ("Linux", None),
        ("GIT", None),
        ("debian", None),
        ("Debian 12", None),
        ("", None),
        (":12", None),
    ],
)
def test_for_ecosystem(ecosystem: str, scheme: str | None) -> None:
    assert versions.for_ecosystem(ecosystem) == scheme


def test_every_ecosystem_has_a_scheme_and_every_scheme_a_use() -> None:
    assert set(versions.ECOSYSTEMS.values()) == set(versions.SCHEMES)


def test_every_module_is_listed() -> None:
    found = {
        module.name for module in pkgutil.iter_modules(versions.__path__) if not module.name.startswith("_")
    }
    assert {name: f"lading.versions.{name}" for name in sorted(found)} == versions.SCHEMES


def test_schemes_are_loaded_when_asked_for() -> None:
    program = """
import sys
from lading import versions
before = {name for name in sys.modules if name.startswith("lading.versions.")}
versions.key_of("rpm", "1.0-1")
print(sorted(before), sorted(name for name in versions.SCHEMES.values() if name in sys.modules))
"""
    ran = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert ran.stdout.strip() == "[] ['lading.versions.rpm']"


def test_unknown_scheme() -> None:
    with pytest.raises(UsageError, match="no such version scheme: 'deb'"):
        versions.key_of("deb", "1.0")


def test_messages_are_short() -> None:
    with pytest.raises(MalformedError, match=r"^not a semantic version: 'x{80}…'$"):
        versions.key_of("semver", "x" * 500)
