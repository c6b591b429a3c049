"""Rules over a Dockerfile, one module each, and their fixes.

`RULES` is the one list of them. A rule is imported when a file may concern it, for most files concern
few of them: with the module stand the words of which at least one must be in the file, upper or lower case,
quotes and backslashes left out; a rule without such words always runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

from lading.errors import UsageError
from lading.lint.rule import Rule

RULES: dict[str, tuple[str, ...]] = {
    "DL3004": ("dl3004", "sudo"),
}
"""Code -> module in this package, and words that a file must have for the rule to run."""


def load(code: str) -> Rule:
    """Return the rule with this code; raises `UsageError` if there is none."""
    entry = RULES.get(code)
    if entry is None:
        raise UsageError(f"there is no rule {code[:80]!r}", hint="`lading lint --list-rules` shows all")
    rule = import_module(f"lading.lint.{entry[0]}").RULE
    if not isinstance(rule, Rule):
        raise TypeError(f"{entry[0]}.RULE is no Rule")
    return rule


def rules() -> Iterator[Rule]:
    """Yield all rules, in the order of the list."""
    return map(load, RULES)
