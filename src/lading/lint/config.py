"""The configuration of the linter."""

from __future__ import annotations

import msgspec


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """What to check, and how. Codes are as rules have them.

    ignored: codes that are not reported. levels: code -> level in place of the rule's own.
    trusted_registries: where bases may come from (DL3026); empty for anywhere. labels: label -> its type
    (`text`, `rfc3339`, `semver`, `url`, `spdx`, `hash`, `email`, `rawText`) for DL3049 and following.
    strict_labels: no labels but these. pragmas: comments in the Dockerfile may switch rules off.
    failure_threshold: the mildest level that fails. no_fail: nothing does.
    """

    ignored: frozenset[str] = frozenset()
    levels: dict[str, str] = {}
    trusted_registries: tuple[str, ...] = ()
    labels: dict[str, str] = {}
    strict_labels: bool = False
    pragmas: bool = True
    failure_threshold: str = "info"
    no_fail: bool = False
