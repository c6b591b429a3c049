from __future__ import annotations

import copy
import pickle
from functools import cached_property

import pytest

from lading import record
from lading.record import Record, replace, values


class Empty(Record):
    pass


class One(Record):
    only: int


class Point(Record):
    x: int
    y: int = 7


class Held(Record, kw_only=True):
    name: str
    items: dict[str, int] = {}  # noqa: RUF012 -- what is tested


class Named(Point, kw_only=True):
    name: str
    note: str = "none"


class Solid(Named):
    z: int = 0


class Lazy(Record, dict=True):
    word: str

    @cached_property
    def length(self) -> int:
        return len(self.word)


class Wrapped(Record):
    values: int
    """A field that is called as something of this module's."""

    @property
    def double(self) -> int:
        return 2 * self.values


KINDS = (Empty, One, Point, Held, Named, Solid, Lazy, Wrapped)


@pytest.fixture(params=["few", "many"], autouse=True)
def _number(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let all be tested with the constructor of the first records, and with that of the later ones."""
    for kind in KINDS:
        many = record._constructor(kind)
        monkeypatch.setattr(kind, "__init__", Record.__init__ if request.param == "few" else many)


RECORDS = [
    Empty(),
    One(1),
    Point(1),
    Point(1, 2),
    Named(1, name="a"),
    Named(1, 2, name="a", note="b"),
    Solid(1, 2, 3, name="a"),
    Held(name="a", items={"a": 1}),
    Lazy("word"),
    Wrapped(3),
]


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (Empty(), {}),
        (One(1), {"only": 1}),
        (One(only=1), {"only": 1}),
        (Point(1), {"x": 1, "y": 7}),
        (Point(1, 2), {"x": 1, "y": 2}),
        (Point(y=2, x=1), {"x": 1, "y": 2}),
        (Point(1, y=2), {"x": 1, "y": 2}),
        (Named(1, name="a"), {"x": 1, "y": 7, "name": "a", "note": "none"}),
        (Named(name="a", x=1, note="b"), {"x": 1, "y": 7, "name": "a", "note": "b"}),
        (Solid(1, 2, 3, name="a"), {"x": 1, "y": 2, "z": 3, "name": "a", "note": "none"}),
        (Held(name="a"), {"name": "a", "items": {}}),
        (Wrapped(3), {"values": 3}),
    ],
    ids=repr,
)
def test_fields_have_their_values(record: Record, expected: dict[str, object]) -> None:
    assert values(record) == expected
    assert {name: getattr(record, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("kind", "given", "named", "message"),
    [
        (One, (), {}, "One needs only|required .*'only'"),
        (Point, (), {"y": 1}, "Point needs x|required .*'x'"),
        (Point, (1, 2, 3), {}, "Point takes 2 fields by place, not 3|takes from 2 to 3 .* but 4 were given"),
        (Point, (1,), {"x": 1}, "Point has no x, or has it by place already|multiple values for .*'x'"),
        (Point, (1,), {"z": 1}, "Point has no z|unexpected .*'z'"),
        (Empty, (1,), {}, "Empty takes 0 fields by place, not 1|takes 1 .* but 2 were given"),
        (Held, ("a",), {}, "Held takes 0 fields by place, not 1|takes 1 .* but 2 "),
        (Named, (1, 2, "a"), {}, "Named takes 2 fields by place, not 3|takes from 2 to 3 .* but 4 "),
    ],
)
def test_what_is_called_wrongly(
    kind: type[Record], given: tuple[object, ...], named: dict[str, object], message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        kind(*given, **named)


def test_a_field_that_is_not_there_cannot_be_replaced() -> None:
    with pytest.raises(TypeError, match=r"Point has no z|unexpected .*'z'"):
        replace(Point(1), z=1)


@pytest.mark.parametrize("default", [[1], {1}, {"a": 1}], ids=repr)
def test_no_default_is_shared_that_could_change(default: object) -> None:
    with pytest.raises(TypeError, match=r"Bad.field: a default that can be changed must be empty"):

        class Bad(Record):
            field: object = default


def test_an_empty_default_is_made_anew() -> None:
    first = Held(name="a")
    first.items["x"] = 1
    assert Held(name="a").items == {}


@pytest.mark.parametrize("one", RECORDS, ids=repr)
def test_a_record_does_not_change(one: Record) -> None:
    before = values(one)
    for name in [*before, "new"]:
        with pytest.raises(AttributeError, match=f"is frozen: {name} cannot be set"):
            setattr(one, name, 5)
        with pytest.raises(AttributeError, match=f"is frozen: {name} cannot be deleted"):
            delattr(one, name)
    assert values(one) == before


@pytest.mark.parametrize("one", RECORDS, ids=repr)
def test_equal_are_those_of_one_class_with_equal_fields(one: Record) -> None:
    equal = [other for other in RECORDS if other == one]
    assert equal == [one]
    assert one == copy.deepcopy(one)
    assert one != values(one)
    if not isinstance(one, Held):
        assert hash(one) == hash(copy.deepcopy(one))
    changed = next(iter(values(one)), None)
    if changed is not None:
        assert replace(one, **{changed: "other"}) != one


def test_another_class_with_the_same_fields_is_something_else() -> None:
    class Twin(Record):
        only: int

    assert Twin(1) != One(1)
    assert len({Twin(1), One(1), One(1)}) == 2


def test_what_cannot_be_hashed() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(Held(name="a"))


@pytest.mark.parametrize("one", RECORDS, ids=repr)
def test_it_goes_through_pickle(one: Record) -> None:
    assert pickle.loads(pickle.dumps(one)) == one


def test_how_it_is_shown() -> None:
    assert repr(Named(1, name="a")) == "Named(x=1, y=7, name='a', note='none')"
    assert repr(Empty()) == "Empty()"


def test_replace_leaves_the_rest() -> None:
    assert replace(Solid(1, 2, 3, name="a"), y=5, note="b") == Solid(1, 5, 3, name="a", note="b")


def test_what_is_cached_is_no_field() -> None:
    one = Lazy("word")
    assert one.length == len("word")
    assert one == Lazy("word")
    assert not hasattr(Point(1), "__dict__")


def test_methods_see_fields() -> None:
    assert Wrapped(4).double == 8


def test_what_is_made_often_gets_a_constructor_of_its_own() -> None:
    class Often(Record):
        x: int
        more: list[int] = []  # noqa: RUF012 -- what is tested

    class Below(Often):
        y: int = 3

    made = [Often(number) for number in range(2 * record._MANY)]
    assert Often.__init__ is not Record.__init__
    assert [one.x for one in made] == list(range(2 * record._MANY))
    assert made[-1].more == []
    assert made[-1].more is not made[-2].more
    # One that is built upon it has other fields.
    assert Below.__init__ is Record.__init__
    assert values(Below(1, [2], 4)) == {"x": 1, "more": [2], "y": 4}
