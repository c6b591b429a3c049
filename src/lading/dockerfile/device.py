"""`RUN --device=vendor.com/gpu=all,required`: the name of a CDI device, and whether it must be there.

https://docs.docker.com/reference/dockerfile/#run---device
"""

from __future__ import annotations

from lading.dockerfile import mount
from lading.errors import MalformedError
from lading.record import Record

# What Go's strconv.ParseBool takes.
_BOOLEANS = frozenset("1 t T TRUE true True 0 f F FALSE false False".split())  # noqa: SIM905 - reads better
_TRUE = frozenset("1 t T TRUE true True".split())  # noqa: SIM905 - reads better


class Device(Record):
    """A device. name: as CDI names it; empty if none is given."""

    name: str = ""
    required: bool = False


def parse(text: str) -> Device:
    """Return the device that the value of a `--device` describes; raises `MalformedError` if it is none."""
    name, required = "", False
    for field in mount.fields(text):
        key, sign, value = field.partition("=")
        key = key.lower()
        if key == "required":
            if sign and value not in _BOOLEANS:
                raise MalformedError(f"required is true or false, not {value[:80]!r}")
            required = value in _TRUE if sign else True
        elif key == "name" and sign:
            if name:
                raise MalformedError(f"the device has the name {name[:80]!r} already")
            name = value
        elif name:
            raise MalformedError(f"unknown option {field[:80]!r}")
        else:
            name = field
    return Device(name, required)
