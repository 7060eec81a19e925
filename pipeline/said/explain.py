"""What may be set: each key of a ``Settings`` class, its value, and what is accepted for it."""

from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

MISSING: Any = object()
"""The value and the default of a key that must be given."""
LEFT_OUT = "left out"
WORDS: dict[Any, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    Path: "a path",
    NoneType: LEFT_OUT,
    Any: "any value",
}
_JSON: TypeAdapter[Any] = TypeAdapter(Any)
BOUNDS = {"ge": "from", "gt": "above", "le": "up to", "lt": "up to but not", "multiple_of": "by"}


class Row(NamedTuple):
    """A key, dotted; its value now and by default; what is accepted, and what it is, in words.

    Values are JSON's, or ``MISSING``.
    """

    key: str
    value: Any
    default: Any
    accepted: str
    description: str


def rows(schema: type[BaseModel], given: Any = MISSING, prefix: str = "") -> Iterator[Row]:
    """A row a key, in the order of the fields; sections, and tables of them, key by key.

    Args:
        schema: what is accepted.
        given: an object of it, whose values are told; without it the defaults are.
        prefix: stands before each key.
    """
    for name, field in schema.model_fields.items():
        default = MISSING if field.is_required() else field.get_default(call_default_factory=True)
        value = default if given is MISSING else getattr(given, name)
        key = f"{prefix}{name}"
        inner = _inner(key, field, value)
        if inner is None:
            accepted = words(field.annotation, field.metadata)
            told = _plain(value), _plain(default)
            yield Row(key, *told, accepted, field.description or "")
        else:
            yield from inner


def words(annotation: Any, bounds: Any = ()) -> str:
    """What a field of this type and these bounds accepts, in words.

    Example:
        >>> words(Literal["hardest", "all"]), words(dict[str, float])
        ('hardest or all', 'a table, each a number')
    """
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return words(inner[0], [*bounds, *_bounds_in(inner[1:])])
    if origin is Literal:
        return either([_word(value) for value in inner])
    if origin in (Union, UnionType):
        kinds = [kind for kind in inner if kind is not NoneType]
        told = [words(kind, bounds) for kind in kinds]
        return ", or ".join([*told, LEFT_OUT] if NoneType in inner else told)
    if origin in (tuple, list, set, frozenset, dict):
        return _several(origin, inner)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return either([_word(member.value) for member in annotation])
    known = WORDS.get(annotation, getattr(annotation, "__name__", annotation))
    return " ".join([str(known), *_range(bounds)])


def either(choices: list[str]) -> str:
    """The choices as one phrase.

    Example:
        >>> either(["1", "5", "10"])
        '1, 5 or 10'
    """
    return " or ".join(filter(None, [", ".join(choices[:-1]), *choices[-1:]]))


def _inner(key: str, field: FieldInfo, value: Any) -> Iterator[Row] | None:
    """The rows of a section, or of a table that holds sections; None for a plain value."""
    kind = field.annotation
    if isinstance(value, BaseModel):
        return rows(type(value), value, f"{key}.")
    if value is MISSING and isinstance(kind, type) and issubclass(kind, BaseModel):
        return rows(kind, prefix=f"{key}.")
    if isinstance(value, Mapping) and any(isinstance(v, BaseModel) for v in value.values()):
        return (row for name, v in value.items() for row in rows(type(v), v, f"{key}.{name}."))
    return None


def _plain(value: Any) -> Any:
    return value if value is MISSING else _JSON.dump_python(value, mode="json")


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _several(kind: Any, inner: tuple[Any, ...]) -> str:
    if kind is dict:
        return f"a table, each {words(inner[1])}"
    if kind is tuple and Ellipsis not in inner:
        return f"a list: {', '.join(words(each) for each in inner)}"
    return f"a list, each {words(inner[0])}"


def _bounds_in(metadata: tuple[Any, ...]) -> list[Any]:
    return [b for m in metadata for b in (m.metadata if isinstance(m, FieldInfo) else [m])]


def _range(bounds: Any) -> list[str]:
    found = ((told, getattr(b, name, None)) for name, told in BOUNDS.items() for b in bounds)
    return [f"{told} {limit}" for told, limit in found if limit is not None]
