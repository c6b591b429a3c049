"""The forms that configuration files of the linter have, checked by msgspec.

Apart from `hadolint_config`, for most runs find no such file and are quicker without.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from lading.errors import MalformedError
from lading.lint.hadolint_config import LabelType, LevelName, Threshold

_Form = TypeVar("_Form")


class Override(msgspec.Struct):
    """Codes by the level that they get."""

    error: list[str] | None = None
    warning: list[str] | None = None
    info: list[str] | None = None
    style: list[str] | None = None


class Hadolint(msgspec.Struct):
    """hadolint's file."""

    ignored: list[str] | None = None
    override: Override | None = None
    trusted_registries: list[str] | None = msgspec.field(name="trustedRegistries", default=None)
    label_schema: dict[str, LabelType] | None = msgspec.field(name="label-schema", default=None)
    strict_labels: bool | None = msgspec.field(name="strict-labels", default=None)
    disable_ignore_pragma: bool | None = msgspec.field(name="disable-ignore-pragma", default=None)
    failure_threshold: Threshold | None = msgspec.field(name="failure-threshold", default=None)
    no_fail: bool | None = msgspec.field(name="no-fail", default=None)


class Own(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """The table `[lint]` of lading.toml, or `[tool.lading.lint]` of pyproject.toml."""

    ignore: list[str] = []
    levels: dict[str, LevelName] = {}
    trusted_registries: list[str] | None = None
    labels: dict[str, LabelType] | None = None
    strict_labels: bool | None = None
    pragmas: bool | None = None
    fail_on: Threshold | None = None


def converted(document: object, form: type[_Form], where: str = "") -> _Form:
    """Return a document in a form, which may be any type that msgspec knows.

    Raises `MalformedError`, with the key, for what does not have it.
    """
    try:
        return msgspec.convert(document, form)
    except msgspec.ValidationError as error:
        raise MalformedError(_reason(error), where) from error


def _reason(error: msgspec.ValidationError) -> str:
    what, _, place = str(error).partition(" - at `$")
    key = place.rstrip("`").lstrip(".")
    return f"{key}: {what[:1].lower()}{what[1:]}" if key else what[:1].lower() + what[1:]
