"""What can be done about findings, as code actions.

At once: the fix of each finding, and comments that switch its rule off. When chosen, for they take time: pins
that an index has to be asked for, and all safe fixes together. An action of the second kind has as its `data` an `Order`,
which `resolved` carries out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import msgspec
from lsprotocol.types import CodeAction, CodeActionContext, CodeActionKind, Range, WorkspaceEdit

from lading import lint
from lading.dockerfile.edit import Change, Edit
from lading.dockerfile.instruction import From
from lading.dockerfile.source import Span
from lading.lint import checking, fixing, ignoring
from lading.lint.editor import changes
from lading.lint.editor.diagnostics import diagnostic
from lading.lint.editor.look import Client, Look, touches
from lading.lint.finding import Finding
from lading.lint.pin_source import PinSource

FIX_ALL = "source.fixAll.lading"
KINDS: tuple[str, ...] = (CodeActionKind.QuickFix.value, FIX_ALL)
MAX_FINDINGS = 50
"""So many get actions: nobody reads a longer menu."""


class Order(msgspec.Struct, frozen=True):
    """What an action is to do when it is chosen. version: of the document that it is for.

    task: `pin` to ask an index, for the finding with that code and place; `fix-all`.
    """

    uri: str
    version: int
    task: Literal["pin", "fix-all"]
    code: str = ""
    start: int = 0
    end: int = 0


class Resolved(msgspec.Struct, frozen=True):
    """What came of it: an edit, or one line that says why there is none."""

    edit: WorkspaceEdit | None
    reason: str = ""


def actions(look: Look, range_: Range, asked: CodeActionContext, client: Client) -> list[CodeAction]:
    """Return what can be done about findings at a place, best first.

    asked: the kinds that are wanted, and diagnostics that are meant besides those at the place: some editors
        give those of the whole line.
    """
    meant = {(one.code, look.places.offset(one.range.start)) for one in asked.diagnostics}
    place = look.places.span(range_)
    found = [
        one for one in look.outcome.findings if touches(one, place) or (one.code, one.span.start) in meant
    ][:MAX_FINDINGS]
    only = asked.only
    made: list[CodeAction] = []
    if _wanted(CodeActionKind.QuickFix.value, only):
        made += _fixes(look, found, client)
        made += _pins(look, found, client)
        made += _ignores(look, found, client)
    if _wanted(FIX_ALL, only):
        made += _fix_all(look, client)
    return made


def _wanted(kind: str, only: Sequence[str] | None) -> bool:
    return only is None or any(not one or kind == one or kind.startswith(one + ".") for one in only)


def _fixes(look: Look, found: list[Finding], client: Client) -> Iterator[CodeAction]:
    """Yield the fixes, the safe ones first; one that several findings have, once."""
    by_edits: dict[Change, list[Finding]] = {}
    for one in sorted(found, key=lambda one: not one.safe):
        if one.fix is not None:
            by_edits.setdefault(one.fix.edits, []).append(one)
    for edits, findings in by_edits.items():
        fix = findings[0].fix
        if fix is None:
            continue
        yield CodeAction(
            title=fix.title if fix.safe else f"{fix.title} (unsafe: what the image does may change)",
            kind=CodeActionKind.QuickFix,
            diagnostics=[diagnostic(look, one) for one in findings],
            is_preferred=fix.safe or None,
            edit=changes.made(look, edits, client),
        )


def _pins(look: Look, found: list[Finding], client: Client) -> Iterator[CodeAction]:
    for one in found if client.resolves else ():
        if one.fix is None and one.fixable:
            base = isinstance(ignoring.instruction_at(look.outcome.file, one.span.start), From)
            order = Order(look.uri, look.version, "pin", one.code, one.span.start, one.span.end)
            yield CodeAction(
                title=f"Pin what the {'registry' if base else 'index'} has now ({one.code}, asks the network)",
                kind=CodeActionKind.QuickFix,
                diagnostics=[diagnostic(look, one)],
                data=msgspec.to_builtins(order),
            )


def _ignores(look: Look, found: list[Finding], client: Client) -> Iterator[CodeAction]:
    """Yield comments that switch rules off, for the instruction and for the file."""
    if not look.task.config.pragmas:
        return
    file = look.outcome.file
    places: dict[tuple[Edit, str], list[Finding]] = {}
    for one in found:
        if one.code != checking.SYNTAX:
            here = ignoring.here(file, one)
            if here is not None:
                places.setdefault((here, f"Ignore {one.code} here"), []).append(one)
    for one in found:
        if one.code != checking.SYNTAX:
            everywhere = ignoring.everywhere(file, one.code)
            places.setdefault((everywhere, f"Ignore {one.code} in this file"), []).append(one)
    for (edit, name), findings in places.items():
        yield CodeAction(
            title=name,
            kind=CodeActionKind.QuickFix,
            diagnostics=[diagnostic(look, one) for one in findings],
            edit=changes.made(look, (edit,), client),
        )


def _fix_all(look: Look, client: Client) -> Iterator[CodeAction]:
    if not any(one.safe for one in look.outcome.findings):
        return
    action = CodeAction(title="Make all safe fixes of Lading", kind=FIX_ALL)
    if client.resolves:
        action.data = msgspec.to_builtins(Order(look.uri, look.version, "fix-all"))
    else:
        action.edit = _all_fixed(look, client).edit
    yield action


def ordered(data: Any) -> Order | None:  # noqa: ANN401 - whatever a client has sent
    """Return the order that is in the data of an action; None if there is none."""
    try:
        return msgspec.convert(data, Order)
    except msgspec.ValidationError:
        return None


def resolved(look: Look, order: Order, index: PinSource, client: Client) -> Resolved:
    """Carry out an order on what it is for. index: asked for pins, and waited for."""
    if (look.uri, look.version) != (order.uri, order.version):
        return Resolved(None, "the file has changed in the meantime: ask again")
    if order.task == "fix-all":
        return _all_fixed(look, client)
    return _pinned(look, order, index, client)


def _all_fixed(look: Look, client: Client) -> Resolved:
    task = look.task
    done = fixing.fix(
        look.places.text.encode(),
        task.path,
        config=task.config,
        context=task.context,
        shellcheck=task.shellcheck,
    )
    edits = changes.difference(look.places, done.data.decode())
    if not edits:
        return Resolved(None, "there is nothing that can be fixed safely")
    return Resolved(changes.of(look, edits, client))


def _pinned(look: Look, order: Order, index: PinSource, client: Client) -> Resolved:
    task = look.task
    rules = [lint.load(order.code)] if order.code in lint.RULES else None
    outcome = checking.check(
        look.places.text.encode(),
        task.path,
        config=task.config,
        context=task.context,
        index=index,
        rules=rules,
    )
    place = Span(order.start, order.end)
    for one in outcome.findings:
        if one.code == order.code and one.span == place and one.fix is not None:
            return Resolved(changes.made(look, one.fix.edits, client))
    why = "; ".join(outcome.notes) or "the index does not know it"
    return Resolved(None, f"{order.code} cannot be pinned: {why}")
