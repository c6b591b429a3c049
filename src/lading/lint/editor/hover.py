"""What is told of findings under the pointer: the pages of their rules."""

from __future__ import annotations

from lsprotocol.types import Hover, MarkupContent, MarkupKind, Position

from lading import lint
from lading.dockerfile.source import Span
from lading.lint import ignoring
from lading.lint.editor.look import Client, Look, touches
from lading.lint.finding import Finding
from lading.lint.page import address, is_shellchecks, page, shellcheck_page, title

MAX_PAGES = 5
_MARKS = frozenset("\\`*_{}[]<>#|~!&")


def hover(look: Look, position: Position, client: Client) -> Hover | None:
    """Return the pages of the rules whose findings are at a place, else of those in the instruction around it.

    None if there are none. Each rule has one page, below the messages of its findings.
    """
    offset = look.places.offset(position)
    place = Span(offset, offset)
    found = [one for one in look.outcome.findings if touches(one, place)]
    if found:
        place = Span(max(one.span.start for one in found), min(one.span.end for one in found))
    else:
        around = ignoring.instruction_at(look.outcome.file, offset)
        if around is None:
            return None
        place = around.span
        found = [one for one in look.outcome.findings if place.start <= one.span.start < place.end]
    if not found:
        return None
    kind = MarkupKind.Markdown if client.markdown else MarkupKind.PlainText
    return Hover(MarkupContent(kind, _told(found, client)), look.places.range(place))


def _told(found: list[Finding], client: Client) -> str:
    by_code: dict[str, dict[str, None]] = {}
    for one in sorted(found, key=lambda one: one.level.rank):
        message = _escaped(one.message) if client.markdown else one.message
        by_code.setdefault(one.code, {})[message] = None
    shown, rest = list(by_code.items())[:MAX_PAGES], list(by_code)[MAX_PAGES:]
    parts = ["\n\n".join([*list(messages)[:MAX_PAGES], _page(code)]) for code, messages in shown]
    if rest:
        parts.append(f"And {', '.join(rest)}.")
    return "\n\n---\n\n".join(part.strip("\n") for part in parts)


def _page(code: str) -> str:
    if is_shellchecks(code):
        return shellcheck_page(code, "###")
    text = page(lint.load(code), "###") if code in lint.RULES else f"### {code}\n\n{title(code)}\n"
    url = address(code)
    return f"{text}\n<{url}>\n" if url else text


def _escaped(message: str) -> str:
    """Return a message, which may quote the file, so that nothing in it is Markdown."""
    return "".join("\\" + char if char in _MARKS else char for char in message)
