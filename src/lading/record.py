"""Frozen records for what starts often: a class with annotated fields, made and read as a `msgspec.Struct` is.

To import msgspec or dataclasses takes about as long as the interpreter itself needs to start, the first twice as
long. `lading lint` is to be through with a small file in that time, and is made of these records; all else
in Lading has msgspec's, which are quicker once they are there, and can be read from JSON.

    class Flag(Record):
        name: str
        value: str | None = None

A class has the fields of its bases, then its own. They are set once, by the constructor. Two records are equal if
they are of one class and all their fields are. A default that is an empty list, set or dictionary is made anew for each
record. `kw_only=True` holds for the class's own fields; `dict=True` gives records room for `cached_property`.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform

_REQUIRED = object()
# From then on it pays to compile a constructor for the class, which takes the time of a few dozen records.
_MANY = 100
_made_of: dict[type, int] = {}
_MUTABLE = frozenset({dict, list, set})


class _RecordType(type):
    """Turns the annotations of a class into slots, and knows their order."""

    __record_fields__: tuple[tuple[str, Callable[[Record, object], None], object], ...]
    """Name, what sets it, and default or `_REQUIRED`; those that may be given by place come first."""
    __record_places__: int
    __record_setters__: tuple[Callable[[Record, object], None], ...]
    __record_values__: Callable[[Record], tuple[object, ...]]

    def __new__(
        cls,
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        *,
        kw_only: bool = False,
        **more: bool,
    ) -> _RecordType:
        """Return a class of records. Raises `TypeError` for a default that all of them would share."""
        own = tuple(namespace.get("__annotations__", ()))
        defaults = {field: namespace.pop(field, _REQUIRED) for field in own}
        for field, default in defaults.items():
            if type(default) in _MUTABLE and default:
                raise TypeError(f"{name}.{field}: a default that can be changed must be empty")
        namespace["__slots__"] = (*own, "__dict__") if more.get("dict") else own
        made = super().__new__(cls, name, bases, namespace)
        base = next((one for one in bases if isinstance(one, _RecordType)), None)
        old = base.__record_fields__ if base else ()
        places = base.__record_places__ if base else 0
        new = tuple((field, getattr(made, field).__set__, default) for field, default in defaults.items())
        if base is not None:  # each has one of its own, for that of another has other fields
            made.__init__ = Record.__init__  # type: ignore[misc]
        made.__record_fields__ = (*old, *new) if kw_only else (*old[:places], *new, *old[places:])
        made.__record_places__ = places if kw_only else places + len(new)
        made.__record_setters__ = tuple(field[1] for field in made.__record_fields__)
        made.__record_values__ = _reader([field[0] for field in made.__record_fields__])
        return made


def _reader(names: list[str]) -> Callable[[Record], tuple[object, ...]]:
    """Return what reads these attributes, as one tuple."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda one: tuple(getattr(one, name) for name in names)


def _constructor(kind: type[Record]) -> Callable[..., None]:
    """Return an `__init__` for a class that does what `Record`'s does, in half the time."""
    names: dict[str, Any] = {}
    given, body = ["self"], []
    for place, (name, put, default) in enumerate(kind.__record_fields__):
        names[f"put_{name}"], names[f"default_{name}"] = put, default
        if place == kind.__record_places__:
            given.append("*")
        given.append(name if default is _REQUIRED else f"{name}=default_{name}")
        fresh = f"{default!r} if {name} is default_{name} else " if type(default) in _MUTABLE else ""
        body.append(f" put_{name}(self, {fresh}{name})")
    exec("\n".join([f"def __init__({', '.join(given)}):", *body, " pass"]), names)  # noqa: S102 - names of fields, and no more
    made: Callable[..., None] = names["__init__"]
    return made


@dataclass_transform(frozen_default=True)
class Record(metaclass=_RecordType):
    """The base of all records."""

    def __init__(self, *given: object, **named: object) -> None:
        """Set the fields. Raises `TypeError` for one that is missing, unknown, or given twice."""
        kind = type(self)
        _made_of[kind] = made = _made_of.get(kind, 0) + 1
        if made == _MANY:
            kind.__init__ = _constructor(kind)  # type: ignore[method-assign]
        for put, value in zip(kind.__record_setters__, given):  # noqa: B905 - what is left over is looked at below
            put(self, value)
        if len(given) == len(kind.__record_setters__) == kind.__record_places__ and not named:
            return
        if len(given) > kind.__record_places__:
            raise TypeError(
                f"{kind.__name__} takes {kind.__record_places__} fields by place, not {len(given)}"
            )
        for name, put, default in kind.__record_fields__[len(given) :]:
            value = named.pop(name, default)
            if value is default:
                if default is _REQUIRED:
                    raise TypeError(f"{kind.__name__} needs {name}")
                if type(default) in _MUTABLE:
                    value = type(default)()
            put(self, value)
        if named:
            raise TypeError(f"{kind.__name__} has no {next(iter(named))}, or has it by place already")

    def __setattr__(self, name: str, value: object) -> None:
        """Raise `AttributeError`: a record does not change."""
        raise AttributeError(f"{type(self).__name__} is frozen: {name} cannot be set")

    def __delattr__(self, name: str) -> None:
        """Raise `AttributeError`: a record does not change."""
        raise AttributeError(f"{type(self).__name__} is frozen: {name} cannot be deleted")

    def __eq__(self, other: object) -> bool:
        """Tell whether both are of one class, with equal fields."""
        if type(self) is not type(other):
            return NotImplemented
        read = type(self).__record_values__
        return read(self) == read(other)

    def __hash__(self) -> int:
        """Return the hash of class and fields; raises `TypeError` if one of them has none."""
        return hash((type(self), type(self).__record_values__(self)))

    def __repr__(self) -> str:
        """Return it as the call that would make it."""
        fields = ", ".join(f"{name}={value!r}" for name, value in values(self).items())
        return f"{type(self).__name__}({fields})"

    def __reduce__(self) -> tuple[object, ...]:
        """Return what pickle and copy make one like it from."""
        return _made, (type(self), values(self))


# After the class: to read its name from a text takes longer than all the rest of this module.
_AnyRecord = TypeVar("_AnyRecord", bound=Record)


def values(record: Record) -> dict[str, Any]:
    """Return the fields by name, in order."""
    kind = type(record)
    return {
        field[0]: value
        for field, value in zip(kind.__record_fields__, kind.__record_values__(record), strict=True)
    }


def replace(record: _AnyRecord, **changes: object) -> _AnyRecord:
    """Return a record like this one but for some fields. Raises `TypeError` if it has no such field."""
    return type(record)(**{**values(record), **changes})


def _made(kind: type[_AnyRecord], fields: dict[str, object]) -> _AnyRecord:
    return kind(**fields)
