"""Where the indexes of packages are, unless the settings name mirrors of them (`indexes`)."""

from __future__ import annotations

from collections.abc import Mapping

from lading.record import Record, values


class Bases(Record, kw_only=True):
    """Where the indexes are: URLs without a slash at the end; a mirror has the same paths below its own.

    archive, vault: where releases go when their support has ended.
    """

    debian: str = "https://deb.debian.org/debian"
    debian_security: str = "https://deb.debian.org/debian-security"
    debian_archive: str = "http://archive.debian.org"
    ubuntu: str = "http://archive.ubuntu.com/ubuntu"
    ubuntu_ports: str = "http://ports.ubuntu.com/ubuntu-ports"
    ubuntu_archive: str = "http://old-releases.ubuntu.com/ubuntu"
    alpine: str = "https://dl-cdn.alpinelinux.org/alpine"
    wolfi: str = "https://packages.wolfi.dev/os"
    almalinux: str = "https://repo.almalinux.org/almalinux"
    rocky: str = "https://dl.rockylinux.org/pub/rocky"
    fedora: str = "https://dl.fedoraproject.org/pub/fedora/linux"
    fedora_archive: str = "https://archives.fedoraproject.org/pub/archive/fedora/linux"
    centos_stream: str = "https://mirror.stream.centos.org"
    centos_vault: str = "https://vault.centos.org"
    oracle: str = "https://yum.oracle.com/repo/OracleLinux"
    ubi: str = "https://cdn-ubi.redhat.com/content/public/ubi/dist"
    opensuse: str = "https://download.opensuse.org"
    pypi: str = "https://pypi.org/simple"
    npm: str = "https://registry.npmjs.org"
    gem: str = "https://rubygems.org"
    go: str = "https://proxy.golang.org"


NAMES = tuple(name.replace("_", "-") for name in values(Bases()))
"""The names of all indexes, as settings have them."""


def at(mirrors: Mapping[str, str]) -> Bases:
    """Return the addresses with those of mirrors, by name, in the place of their own."""
    return Bases(**{name.replace("-", "_"): url for name, url in mirrors.items()})
