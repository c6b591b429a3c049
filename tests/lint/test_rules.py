"""Every rule against its own examples, which are its page in the documentation too."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import needs
from lading import lint
from lading.dockerfile.edit import apply
from lading.errors import UsageError
from lading.lint import checking, fixing
from lading.lint.finding import Outcome
from lading.lint.hadolint_config import Config
from lading.lint.rule import Level, Rule
from lading.record import replace

RULES = {code: lint.load(code) for code in lint.RULES}
FOLDER = Path(lint.__file__).parent
# Modules that are rules are named for their code.
_CODE_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_NUMBERED = re.compile(r"(?:DL|LD)\d{4}")


def module_name(code: str) -> str:
    if _NUMBERED.fullmatch(code):
        return code.lower()
    return "_".join(_CODE_WORDS.findall(code)).lower()


def examples(kind: str) -> list[object]:
    return [
        pytest.param(rule, text, id=f"{code}-{kind}-{number}")
        for code, rule in RULES.items()
        for number, text in enumerate(getattr(rule, kind))
    ]


def looked_at(rule: Rule, text: str, folder: Path, *, alone: bool = True) -> Outcome:
    for path, content in rule.files:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content)
    context = folder if rule.files else None
    return checking.check(
        text.encode(), config=config_of(rule), context=context, rules=[rule] if alone else None
    )


def config_of(rule: Rule) -> Config:
    """Return what the examples are looked at with; rules that are off at first are switched on."""
    if rule.level is not Level.IGNORE:
        return rule.config
    return replace(rule.config, levels={**rule.config.levels, rule.code: "info"})


@pytest.mark.parametrize("code", RULES)
def test_a_rule_is_whole(code: str) -> None:
    rule = RULES[code]
    assert rule.code == code
    assert lint.RULES[code][0] == module_name(code)
    assert re.fullmatch(r"[A-Za-z`].*[^ ]\.", rule.title), rule.title
    assert len(rule.why) > 100
    assert rule.bad
    assert rule.good


def test_every_module_that_is_a_rule_is_in_the_list() -> None:
    listed = {entry[0] for entry in lint.RULES.values()}
    there = {path.stem for path in FOLDER.glob("*.py") if "\nRULE = " in path.read_text()}
    assert there == listed
    assert len(lint.RULES) == len(listed)


def test_the_list_is_sorted_and_its_words_are_plain() -> None:
    assert list(lint.RULES) == sorted(lint.RULES, key=lambda code: (not _NUMBERED.fullmatch(code), code))
    words = [word for entry in lint.RULES.values() for word in entry[1:]]
    assert words == [word.lower() for word in words]
    assert not [word for word in words if set(word) & set("\"'\\`^")]


@pytest.mark.parametrize(("rule", "text"), examples("bad"))
def test_a_bad_example_is_found(rule: Rule, text: str, tmp_path: Path) -> None:
    outcome = looked_at(rule, text, tmp_path)
    broken = any(one.code not in {"before-from", "onbuild"} for one in outcome.file.errors)
    expected = {rule.code} | ({checking.SYNTAX} if broken else set())
    assert {one.code for one in outcome.findings} == expected
    for one in outcome.findings:
        assert one.message.strip() == one.message
        assert one.message
        assert not one.message.endswith(".") or one.message.endswith("...")
        assert "\n" not in one.message


@pytest.mark.parametrize(("rule", "text"), examples("bad"))
def test_a_bad_example_is_found_among_all_rules(rule: Rule, text: str, tmp_path: Path) -> None:
    """The words in the list do not keep the rule from running."""
    assert rule.code in {one.code for one in looked_at(rule, text, tmp_path, alone=False).findings}


@pytest.mark.parametrize(("rule", "text"), examples("good"))
def test_a_good_example_is_left_alone(rule: Rule, text: str, tmp_path: Path) -> None:
    assert [one.code for one in looked_at(rule, text, tmp_path).findings if one.code != checking.SYNTAX] == []


@pytest.mark.parametrize(("rule", "text"), examples("bad"))
def test_a_fix_removes_its_finding_and_adds_none(rule: Rule, text: str, tmp_path: Path) -> None:
    """Each fix by itself, and all of them together."""
    outcome = looked_at(rule, text, tmp_path, alone=False)
    own = [one for one in outcome.findings if one.code == rule.code]
    context = tmp_path if rule.files else None
    for one in own:
        assert one.fix is None or rule.fixable
        if one.fix is None:
            continue
        edited = apply(outcome.file.source, [one.fix.edits])
        after = checking.check(edited.source.encode(), config=config_of(rule), context=context)
        same = [each for each in own if each.fix and each.fix.edits == one.fix.edits]
        assert fixing.fault(outcome, same, after) == "", edited.source.text
    fixed = fixing.fix(text.encode(), unsafe=True, config=config_of(rule), context=context)
    assert fixed.faults == ()
    assert not [one for one in fixed.left if one.code == rule.code and one.fix]


def test_rules_that_say_so_have_a_fix() -> None:
    """`fixable` is no promise that nobody keeps; what needs an index is tested with one."""
    claimed = {code for code, rule in RULES.items() if rule.fixable and not rule.needs_index}
    kept = {
        code
        for code in claimed
        for text in RULES[code].bad
        if any(
            one.fix
            for one in checking.check(
                text.encode(), config=config_of(RULES[code]), rules=[RULES[code]]
            ).findings
        )
    }
    assert kept == {code for code in claimed if not RULES[code].files}


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(UsageError, match="there is no rule 'DL9999'"):
        lint.load("DL9999")


def test_docker_s_names_are_known_where_its_page_says() -> None:
    """`# check=skip=NAME` and configuration take the name; the page tells which rule it is."""
    page = (needs.ROOT / "docs" / "docker-build-checks.md").read_text()
    rows = re.findall(r"^\| (\w+) \| ([^|]+) \|", page, re.MULTILINE)
    told = {name: set(re.findall(r"DL\d{4}|[A-Z][a-z]\w+", cell)) for name, cell in rows if cell != "none"}
    known: dict[str, set[str]] = {}
    for code, rule in RULES.items():
        for name in (code, *rule.aliases):
            if not _NUMBERED.fullmatch(name):
                known.setdefault(name, set()).add(code)
    assert known == told
