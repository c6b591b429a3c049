"""LegacyKeyValueFormat: `ENV name value` without an equals sign."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.edit import Edit
from lading.dockerfile.instruction import Env, Label, Pair
from lading.dockerfile.source import Joined, Span
from lading.dockerfile.words import by_quotes
from lading.lint.rule import Fix, Found, Level, Rule
from lading.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Yield every ENV and LABEL of the old form."""
    found: tuple[Env | Label, ...] = (*subject.all(Env), *subject.all(Label))
    for one in found:
        for pair in one.pairs:
            if not pair.has_equals:
                span = Span(pair.name.span.start, max(pair.value.span.end, pair.name.span.end))
                message = f"old form: write {one.name} {pair.name.value[:80]}=..."
                yield Found(span, message, _fix(subject, pair, span))


def _fix(subject: Subject, pair: Pair, span: Span) -> Fix | None:
    """Return the edit to the new form; None where the value would be read in another way."""
    value, escape = pair.value.value, subject.file.escape
    if not value or subject.text(pair.value.span) != value or any(sign in pair.name.value for sign in "='\""):
        return None
    if len(by_quotes(Joined(value, ((0, 0),)), escape)) > 1:
        if any(sign in value for sign in ("'", '"', escape)):
            return None
        value = f'"{value}"'
    text = f"{pair.name.value}={value}"
    return Fix(f"Write {pair.name.value[:80]}=...", (Edit(span, text),), safe=True)


RULE = Rule(
    code="LegacyKeyValueFormat",
    title="ENV and LABEL are written with an equals sign.",
    level=Level.INFO,
    why=(
        "`ENV name value` is a form of old that takes one pair, and all the rest of the line as its value. "
        "`ENV ONE TWO= THREE=x` therefore sets one variable, not three. The form with `=` says where a value "
        "ends, takes several pairs, and is the only one that the build means to keep."
    ),
    check=check,
    fixable=True,
    bad=(
        "FROM debian:12\nENV DIR /srv\n",
        "FROM debian:12\nENV NAME two words\n",
        'FROM debian:12\nLABEL note "one thing"\n',
        "FROM debian:12\nENV A 'x' y\n",
        "FROM debian:12\nENV PATH /opt/bin:$PATH\n",
    ),
    good=("FROM debian:12\nENV DIR=/srv\n", 'FROM debian:12\nLABEL note="one thing" b=c\n'),
)
