"""/etc/resolv.conf and /etc/hosts of a command."""

from __future__ import annotations

from pathlib import Path

import pytest

from lading.build.hosts import hosts_file, resolv_conf


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    (tmp_path / "resolv.conf").write_bytes(b"nameserver 192.0.2.1\nsearch \xff\n")
    (tmp_path / "hosts").write_text("127.0.0.1 localhost\n192.0.2.7 printer")
    return tmp_path


@pytest.mark.parametrize("network", ["default", "host"])
def test_of_the_machine(etc: Path, network: str) -> None:
    assert resolv_conf(network, etc) == "nameserver 192.0.2.1\nsearch \N{REPLACEMENT CHARACTER}\n"
    assert hosts_file(network, "box", [("db", "192.0.2.9")], etc) == (
        "192.0.2.9\tdb\n127.0.0.1 localhost\n192.0.2.7 printer\n127.0.0.1\tbox\n"
    )


def test_without_a_network(etc: Path) -> None:
    assert resolv_conf("none", etc) == ""
    assert hosts_file("none", "box", (), etc) == (
        "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n127.0.0.1\tbox\n"
    )


def test_a_machine_that_has_none(tmp_path: Path) -> None:
    assert resolv_conf("host", tmp_path) == ""
    assert hosts_file("host", "box", (), tmp_path).startswith("127.0.0.1\tlocalhost\n")
