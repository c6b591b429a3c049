"""Who made a package of an operating system: its distribution, or somebody else who ships packages for it.

Advisories of a distribution are about what it has built. A package of another maker (Docker's own `docker-ce`,
NodeSource's `nodejs`) is in none of them, so what lies in it (Go programs, `node_modules`) must be reported by
itself. Where nothing tells, a package is taken for the distribution's.

- dpkg: Debian and Ubuntu have neither `License` nor `Vendor` in a control file, which fpm, nfpm, omnibus and the
  like write; their `Maintainer` always has an address; and they put nothing into `/opt` and `/usr/local`
  (https://www.debian.org/doc/debian-policy/ch-controlfields.html, ch-opersys.html). Their maintainers have
  addresses of all kinds, so makers who build as Debian does are known by name.
- rpm: the `Vendor` tag, which all distributions set.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

# What `of_deb` looks at.
DEB_FIELDS = ("Maintainer", "License", "Vendor")
# Where no package of Debian or Ubuntu puts anything.
LOCAL_FOLDERS = ("opt/", "usr/local/")

# Domains of addresses under which nothing in Debian or Ubuntu is maintained.
_DEB_MAKERS = frozenset({
    "amazon.com", "clickhouse.com", "confluent.io", "datadoghq.com", "docker.com", "eclipse.org", "elastic.co",
    "f5.com", "gitlab.com", "grafana.com", "hashicorp.com", "influxdata.com", "influxdb.com", "kubernetes.io",
    "microsoft.com", "mongodb.com", "mysql.com", "newrelic.com", "nginx.com", "nodesource.com", "oracle.com",
    "oss.oracle.com", "percona.com", "redis.io", "tailscale.com", "treasuredata.com",
})  # fmt: skip
_ADDRESS = re.compile(r"[^\s<>@]+@([^\s<>@]+)")
# How the names of distributions begin in the tag; in lower case.
_RPM_DISTRIBUTIONS = (
    "alibaba", "almalinux", "amazon", "anolis", "centos", "circle", "cloudlinux", "ctyun", "euleros", "eurolinux",
    "fedora", "http://openeuler.org", "huawei", "kylin", "mageia", "microsoft corporation", "miracle", "navy",
    "openanolis", "opencloudos", "openeuler", "openmandriva", "opensuse", "oracle america", "photon", "red hat",
    "redhat", "rocky", "rosa", "scientific linux", "springdale", "suse", "tencent", "uniontech", "virtuozzo",
    "vmware",
)  # fmt: skip


def of_deb(fields: Mapping[str, str]) -> bool:
    """Tell whether another maker built a package of dpkg.

    fields: of its control file, names in lower case.
    """
    maintainer = fields.get("maintainer", "")
    if not maintainer:
        return False
    address = _ADDRESS.search(maintainer)
    named = address is None or address[1].lower().rstrip(".") in _DEB_MAKERS
    return named or "license" in fields or "vendor" in fields


def of_rpm(vendor: str) -> bool:
    """Tell whether another maker built a package of rpm. vendor: the tag; empty if there is none."""
    known = vendor.strip().lower()
    return known not in {"", "(none)"} and not known.startswith(_RPM_DISTRIBUTIONS)
