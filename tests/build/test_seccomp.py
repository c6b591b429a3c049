"""The filter of system calls; what it does to a command is tested with the runtimes (test_run.py)."""

from __future__ import annotations

from typing import Any

import pytest

from lading.build.seccomp import profile


def _result(found: dict[str, Any], name: str) -> list[int]:
    return [rule["errnoRet"] for rule in found["syscalls"] if name in rule["names"]]


@pytest.mark.parametrize(
    ("name", "result"), [("mount", [1]), ("bpf", [1]), ("clone3", [38]), ("chown", []), ("openat", [])]
)
def test_rules(name: str, result: list[int]) -> None:
    found = profile(machine="x86_64")
    assert found is not None
    assert found["defaultAction"] == "SCMP_ACT_ALLOW"
    assert _result(found, name) == result


def test_with_one_id_owners_seem_to_change() -> None:
    found = profile(one_id=True, machine="aarch64")
    assert found is not None
    assert _result(found, "fchownat") == [0]
    assert found["architectures"] == ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"]


def test_no_filter_for_a_machine_that_is_not_known() -> None:
    assert profile(machine="vax") is None
