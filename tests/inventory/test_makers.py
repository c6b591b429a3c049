"""Who made a package. Of the 63,677 packages in the indexes of Debian 12 none is taken for another maker's."""

from __future__ import annotations

import pytest

from lading.inventory import makers


@pytest.mark.parametrize(
    ("fields", "foreign"),
    [
        pytest.param(
            {"maintainer": "Debian Python Team <team+python@tracker.debian.org>"},
            False,
            id="a-team-of-debian",
        ),
        pytest.param({"maintainer": "A. Person <person@physik.example>"}, False, id="a-person-of-debian"),
        pytest.param(
            {"maintainer": "Ubuntu Developers <ubuntu-devel-discuss@lists.ubuntu.com>"}, False, id="ubuntu"
        ),
        pytest.param({}, False, id="nothing-told"),
        pytest.param({"maintainer": "", "license": "MIT"}, False, id="cut-down-to-nothing"),
        pytest.param({"maintainer": "Docker <support@docker.com>"}, True, id="docker"),
        pytest.param({"maintainer": "NodeSource Support <support@NodeSource.com>"}, True, id="nodesource"),
        pytest.param({"maintainer": "Kubernetes Authors <dev@kubernetes.io>"}, True, id="kubernetes"),
        pytest.param({"maintainer": "somebody@docker.community"}, False, id="longer-domain"),
        pytest.param({"maintainer": "GitHub"}, True, id="goreleaser-without-address"),
        pytest.param({"maintainer": "Tool Authors <https://tool.example/>"}, True, id="a-page-is-no-address"),
        pytest.param({"maintainer": "Us <us@corp.example>", "license": "unknown"}, True, id="fpm-licence"),
        pytest.param({"maintainer": "Us <us@corp.example>", "vendor": "none"}, True, id="fpm-vendor"),
    ],
)
def test_of_deb(fields: dict[str, str], *, foreign: bool) -> None:
    assert makers.of_deb(fields) is foreign


@pytest.mark.parametrize(
    ("vendor", "foreign"),
    [
        *(
            pytest.param(vendor, False, id=vendor)
            for vendor in (
                *(
                    "Red Hat, Inc.",
                    "Rocky Enterprise Software Foundation",
                    "AlmaLinux",
                    "CentOS",
                    "Fedora Project",
                ),
                *(
                    "Amazon Linux",
                    "Oracle America",
                    "SUSE LLC <https://www.suse.com/>",
                    "openSUSE",
                    "VMware, Inc.",
                ),
                *("Microsoft Corporation", "http://openeuler.org", "Mageia.Org"),
            )
        ),
        pytest.param("", False, id="nothing-told"),
        pytest.param("(none)", False, id="none"),
        pytest.param("Docker", True, id="docker"),
        pytest.param("Oracle and/or its affiliates", True, id="mysql-of-oracle"),
        pytest.param("Remi's RPM repository <https://rpms.remirepo.net/>", True, id="remi"),
    ],
)
def test_of_rpm(vendor: str, *, foreign: bool) -> None:
    assert makers.of_rpm(vendor) is foreign
