from __future__ import annotations

import pytest

from lading.advisories.modularity import applies, streams

# as AlmaLinux 8 and 9 have them
NODE_16 = "1:16.14.0-4.module_el8.6.0+2904+f21ad6f4"
NODE_18 = "1:18.20.4-1.module_el8.10.0+3892+c9a2b5e7"
PLAIN = "1:16.20.2-1.el9_2"


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        ("Important: nodejs:16 security update", ("nodejs:16",)),
        ("Moderate: perl:5.32 security update", ("perl:5.32",)),
        ("new module: container-tools:4.0", ("container-tools:4.0",)),
        ("Important: virt:rhel and virt-devel:rhel security update", ("virt:rhel", "virt-devel:rhel")),
        ("Moderate: nodejs:18 security, bug fix, and enhancement update", ("nodejs:18",)),
        ("Important: openssl security update", ()),
        ("see https://example.org: it says", ()),
        ("", ()),
    ],
)
def test_streams(summary: str, expected: tuple[str, ...]) -> None:
    assert streams(summary) == expected


@pytest.mark.parametrize(
    ("installed", "label", "fix", "advised", "expected"),
    [
        pytest.param(NODE_16, "", NODE_16, ("nodejs:16",), True, id="same-stream"),
        pytest.param(NODE_16, "", NODE_18, ("nodejs:18",), False, id="another-stream-by-number"),
        pytest.param(PLAIN, "", NODE_18, ("nodejs:18",), False, id="plain-against-module"),
        pytest.param(NODE_18, "", PLAIN, (), False, id="module-against-plain"),
        pytest.param(PLAIN, "", "1:16.20.2-2.el9_2", (), True, id="plain-against-plain"),
        pytest.param(NODE_16, "nodejs:16", NODE_16, ("nodejs:16",), True, id="label-agrees"),
        pytest.param(
            NODE_16, "nodejs:16:8060020220101:ad008a3a", NODE_16, ("nodejs:16",), True, id="whole-label"
        ),
        pytest.param(NODE_16, "nodejs:18", NODE_16, ("nodejs:16",), False, id="label-differs"),
        pytest.param(
            "0.5-1.module_el8.6.0+1+a", "", "0.6-1.module_el8.6.0+2+b", ("perl:5.32",), True, id="own-number"
        ),
        pytest.param("10.1-1.module_el8+1", "", "1.9-1.module_el8+1", ("x:1",), False, id="ten-is-not-one"),
        pytest.param(
            "1.0-1.module_el8+1", "", "1.9-1.module_el8+1", ("virt:rhel",), True, id="stream-without-number"
        ),
        pytest.param(NODE_16, "", "", ("nodejs:18",), True, id="no-fix-no-telling"),
        pytest.param("1-1.module+el8.4.0+570+c2eaf144", "", "2-1.el8", (), False, id="red-hat-spelling"),
    ],
)
def test_applies(installed: str, label: str, fix: str, advised: tuple[str, ...], *, expected: bool) -> None:
    assert applies(installed, label, fix, advised) is expected
