"""The labels of a Dockerfile, and those that the configuration gives a type."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lading.dockerfile.edit import Edit
from lading.dockerfile.expand import Lexing, expand
from lading.dockerfile.instruction import Label, Pair
from lading.errors import LadingError
from lading.lint.rule import Fix, Found
from lading.lint.subject import Subject

_READ = (
    "The configuration gives this label a type because something reads it. A value of another form is passed over "
    "there, or stops the tool that reads it, long after the image was built. "
)
_VARIABLE = " A value that comes from a variable can only be checked in the build: give such a label the type `text`. "


def why(form: str, link: str) -> str:
    """Return why a label has to have its type; form: sentences on what that is. link: where it is written."""
    return _READ + form + _VARIABLE + link


def pairs(subject: Subject) -> Iterator[tuple[Pair, str, str]]:
    """Yield every pair with its name and value, without quotes; those in ONBUILD are left out.

    Variables stay as they are written: what they stand for is not known before a build.
    """
    for one in subject.file.instructions:
        if isinstance(one, Label):
            yield from _read(subject, one)


def carriers(subject: Subject) -> dict[str, set[int]]:
    """Return name of a label -> indices of the stages that set it themselves."""
    found: dict[str, set[int]] = {}
    for stage in subject.stages:
        for one in stage.instructions:
            for _, name, _ in _read(subject, one) if isinstance(one, Label) else ():
                found.setdefault(name, set()).add(stage.index)
    return found


def _read(subject: Subject, label: Label) -> Iterator[tuple[Pair, str, str]]:
    lexing = Lexing(escape=subject.file.escape)
    for pair in label.pairs:
        yield pair, _plain(pair.name.value, lexing), _plain(pair.value.value, lexing)


def _plain(text: str, lexing: Lexing) -> str:
    if "$" not in text:
        try:
            return expand(text, {}, lexing).text
        except LadingError:
            return text
    if len(text) > 1 and text[0] == text[-1] and text[0] in {'"', "'"}:
        return text[1:-1]
    return text


def ill_typed(
    subject: Subject,
    kind: str,
    is_valid: Callable[[str], bool],
    should_be: str,
    mended: Callable[[str], str] = str,
) -> Iterator[Found]:
    """Yield the values of labels of a type that are not valid. should_be: what they are to be, for the message.

    mended: makes of a value one that may be meant; where that is valid it is an unsafe fix.
    """
    for pair, name, value in pairs(subject):
        if subject.config.labels.get(name) == kind and not is_valid(value):
            better = mended(value)
            fix = _fix(subject, pair, value, better) if is_valid(better) else None
            yield Found(pair.value.span, f"label {name[:80]} should be {should_be}", fix)


def _fix(subject: Subject, pair: Pair, value: str, better: str) -> Fix | None:
    """Return the fix that writes another value; None where the value is not written in one plain piece."""
    written = subject.text(pair.value.span)
    if written.count(value) != 1 or written.replace(value, "").strip("\"'"):
        return None
    return Fix(f"Write {better[:80]}", (Edit(pair.value.span, written.replace(value, better)),), safe=False)
