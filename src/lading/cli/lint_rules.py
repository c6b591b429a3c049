"""Rules told to people: the page of one, or all of them in a line each."""

from __future__ import annotations

from lading import lint
from lading.errors import UsageError
from lading.lint.page import is_shellchecks, page, shellcheck_page


def tell_rules(code: str | None) -> int:
    """Write the page of the rule with this code, or without one a line for each rule; return the exit status.

    Raises `UsageError` if there is no such rule.
    """
    if code:
        known = is_shellchecks(code.upper())
        print(shellcheck_page(code.upper()) if known else page(lint.load(_listed(code))), end="")
        return 0
    longest = max(map(len, lint.RULES), default=0)
    for rule in lint.rules():
        fix = "fix" if rule.fixable else ""
        print(f"{rule.code:<{longest}}  {rule.level.value:<7}  {fix:<3}  {rule.title}")
    return 0


def _listed(code: str) -> str:
    """Return a code as the list has it, however it was typed."""
    spelled = {known.lower(): known for known in lint.RULES}
    found = spelled.get(code.lower())
    if found is not None:
        return found
    import difflib

    near = difflib.get_close_matches(code.lower(), spelled, n=1)
    hint = f"did you mean {spelled[near[0]]}?" if near else "`lading lint --list-rules` shows all"
    raise UsageError(f"there is no rule {code[:80]!r}", hint=hint)
