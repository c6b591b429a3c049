from __future__ import annotations

import pytest

from lading.dockerfile import device
from lading.dockerfile.device import Device
from lading.errors import MalformedError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("vendor.com/gpu=all", Device("vendor.com/gpu=all")),
        ("vendor.com/gpu", Device("vendor.com/gpu")),
        ("vendor.com/gpu=0,required", Device("vendor.com/gpu=0", required=True)),
        ("required=t,name=x", Device("x", required=True)),
        ("x,REQUIRED=False", Device("x")),
        ("required", Device("", required=True)),
    ],
)
def test_parse(text: str, expected: Device) -> None:
    assert device.parse(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "nothing is given"),
        ("a,b", "unknown option 'b'"),
        ("a,name=b", "has the name 'a' already"),
        ("a,required=maybe", "true or false, not 'maybe'"),
    ],
)
def test_malformed(text: str, message: str) -> None:
    with pytest.raises(MalformedError, match=message):
        device.parse(text)
