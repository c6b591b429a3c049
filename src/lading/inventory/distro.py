"""What an operating system is called elsewhere: in package URLs, and in OSV's ecosystems.

purl: https://github.com/package-url/purl-spec (`namespace` is the vendor, `distro` a qualifier).
OSV: https://ossf.github.io/osv-schema/#defined-ecosystems
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from lading.inventory.eol import END_OF_LIFE
from lading.model.fact import OsRelease

# os-release identifies systems; the purl namespace is the vendor. Others are the same word.
_VENDORS = {
    "amzn": "amazon", "ol": "oracle", "rhel": "redhat", "opensuse-leap": "opensuse",
    "opensuse-leap-micro": "opensuse", "opensuse-microos": "opensuse", "opensuse-tumbleweed": "opensuse",
    "sl-micro": "suse", "sle-micro": "suse", "sle_hpc": "suse", "sled": "suse", "sles": "suse", "sles_sap": "suse",
    "suse-microos": "suse",
}  # fmt: skip
# Only testing and unstable have no number in their os-release; these are the ones that had.
_DEBIAN = {
    "stretch": "9", "buster": "10", "bullseye": "11", "bookworm": "12", "trixie": "13", "forky": "14", "duke": "15",
    "sid": "sid",
}  # fmt: skip
_OPENEULER = re.compile(r"\(?(LTS(?:-SP[0-9]+)?)\)?")
# The last CentOS that was a rebuild; what is called so now comes before Red Hat's releases, not after.
_LAST_CENTOS = 8


def purl_namespace(os: OsRelease) -> str:
    """Return the namespace of packages of this system: the vendor, in lower case."""
    return _VENDORS.get(os.id, os.id)


def distro_qualifier(os: OsRelease) -> str:
    """Return the `distro` qualifier: `debian-12`, `alpine-3.10.4`, `debian-forky`, `arch`."""
    release = os.version or os.codename
    return f"{os.id}-{release}" if release else os.id


def ecosystem(os: OsRelease) -> str:
    """Return OSV's ecosystem with its release (`Debian:12`); empty if OSV has none, or none can be told.

    Red Hat's come by repository (`Red Hat:enterprise_linux:9::baseos`), and nothing in an image tells
    from which one each package came: the name ends with the major version, and stands for all of them.
    CentOS up to 8 was Red Hat's sources rebuilt with the same versions, so Red Hat's advisories hold.
    """
    name = _ECOSYSTEMS.get(os.id)
    if name is None:
        return ""
    family, release_of = name
    if release_of is None:
        return family
    release = release_of(os)
    return f"{family}:{release}" if release else ""


def end_of_life(os: OsRelease) -> date | None:
    """Return the day on which the maker's free support ends, or ended; None if it is not known.

    From the table in `eol`, else from os-release's `SUPPORT_END`.
    """
    key = _EOL_KEYS.get(os.id, _major)(os)
    text = END_OF_LIFE.get(_EOL_NAMES.get(os.id, os.id), {}).get(key) or os.support_end
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _major(os: OsRelease) -> str:
    match = re.match(r"[0-9]+", os.version)
    return match[0] if match else ""


def _major_or_name(os: OsRelease) -> str:
    """`23`, or `stream`, which has no number."""
    return _major(os) or os.version


def _minor(os: OsRelease) -> str:
    match = re.match(r"[0-9]+\.[0-9]+", os.version)
    return match[0] if match else ""


def _debian(os: OsRelease) -> str:
    return _major(os) or _DEBIAN.get(os.codename, "")


def _alpine(os: OsRelease) -> str:
    # Edge calls itself by the release to come (`3.23_alpha20251016`), whose fixes it has.
    branch = _minor(os)
    return f"v{branch}" if branch else ""


def _ubuntu(os: OsRelease) -> str:
    release = _minor(os)
    year, _, month = release.partition(".")
    is_lts = release == "6.06" or (month == "04" and int(year) >= 8 and int(year) % 2 == 0)  # noqa: PLR2004 - 8.04
    return f"{release}:LTS" if is_lts else release


def _red_hat(os: OsRelease) -> str:
    major = _major(os)
    return f"enterprise_linux:{major}" if major else ""


def _centos(os: OsRelease) -> str:
    major = _major(os)
    is_rebuild = major and int(major) <= _LAST_CENTOS and not _is_stream(os)
    return _red_hat(os) if is_rebuild else ""


def _is_stream(os: OsRelease) -> bool:
    return "stream" in os.name.lower()


def _suse(os: OsRelease) -> str:
    """`SUSE Linux Enterprise Server 15 SP5`, without the maker."""
    return os.pretty_name.removeprefix("SUSE ") if os.pretty_name.startswith("SUSE ") else ""


def _opensuse(os: OsRelease) -> str:
    """`openSUSE Leap 15.6`, `openSUSE Tumbleweed` (snapshots are of no matter), `openSUSE Leap Micro 5.5`."""
    return re.sub(r"^openSUSE |-[0-9]{8}$", "", os.pretty_name)


def _openeuler(os: OsRelease) -> str:
    found = _OPENEULER.search(os.pretty_name)
    return f"{os.version}-{found[1]}" if os.version and found else os.version


def _version(os: OsRelease) -> str:
    return os.version


_ECOSYSTEMS: dict[str, tuple[str, Callable[[OsRelease], str] | None]] = {
    "almalinux": ("AlmaLinux", _major),
    "alpaquita": ("Alpaquita", _major_or_name),
    "alpine": ("Alpine", _alpine),
    "azurelinux": ("Azure Linux", _major),
    "bellsoft-hardened-containers": ("BellSoft Hardened Containers", _major_or_name),
    "centos": ("Red Hat", _centos),
    "chainguard": ("Chainguard", None),
    "debian": ("Debian", _debian),
    "echo": ("Echo", None),
    "mageia": ("Mageia", _major),
    "mariner": ("Azure Linux", _major),
    "minimos": ("MinimOS", None),
    "openeuler": ("openEuler", _openeuler),
    "opensuse": ("openSUSE", _opensuse),
    "opensuse-leap": ("openSUSE", _opensuse),
    "opensuse-leap-micro": ("openSUSE", _opensuse),
    "opensuse-tumbleweed": ("openSUSE", _opensuse),
    "photon": ("Photon OS", _version),
    "rhel": ("Red Hat", _red_hat),
    "rocky": ("Rocky Linux", _major),
    "sl-micro": ("SUSE", _suse),
    "sle-micro": ("SUSE", _suse),
    "sle_hpc": ("SUSE", _suse),
    "sled": ("SUSE", _suse),
    "sles": ("SUSE", _suse),
    "sles_sap": ("SUSE", _suse),
    "ubuntu": ("Ubuntu", _ubuntu),
    "wolfi": ("Wolfi", None),
}
# How the table in `eol` writes releases, where it is not by the major version alone.
_EOL_KEYS: dict[str, Callable[[OsRelease], str]] = {
    "alpine": _minor,
    "amzn": lambda os: _minor(os) or _major(os),
    "azurelinux": _minor,
    "centos": lambda os: f"stream-{_major(os)}" if _is_stream(os) else _major(os),
    "debian": _debian,
    "mariner": _minor,
    "openeuler": _openeuler,
    "opensuse": _minor,
    "opensuse-leap": _minor,
    "photon": _minor,
    "sled": _version,
    "sles": _version,
    "sles_sap": _version,
    "ubuntu": _minor,
}
_EOL_NAMES = {"mariner": "azurelinux", "opensuse": "opensuse-leap", "sled": "sles", "sles_sap": "sles"}
