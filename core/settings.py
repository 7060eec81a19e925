"""Settings: defaults <- recipe <- ``--set key=value``; an unknown key names the accepted ones."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, field_validator

from core.errors import SettingError, choices

MOST = 2**63
LONGEST = 60
"""So much of a refused value is shown."""


class Settings(BaseModel):
    """A frozen set of options: each field has a default, a type, a range and a description."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth_for_a_number(cls, value: Any, info: ValidationInfo) -> Any:
        """Python counts with truth values: ``epochs = true`` would be one epoch."""
        taken = cls.model_fields[str(info.field_name)].annotation
        table = isinstance(value, Mapping) and not isinstance(taken, type)
        listed = value if isinstance(value, list | tuple) else [value]
        inner = list(value.values()) if table else listed
        if any(isinstance(each, bool) for each in inner) and not _takes_truth(taken):
            raise ValueError("true and false are no value here")
        return value

    @field_validator("*", mode="after")
    @classmethod
    def _no_endless_number(cls, value: Any) -> Any:
        """Python counts without an end, and nothing that is computed with a number here does."""
        if type(value) is int and abs(value) >= MOST:
            raise ValueError("a whole number here is below 2^63")
        return value


S = TypeVar("S", bound=Settings)


def validate(schema: type[S], values: Mapping[str, Any], where: str) -> S:
    """Check ``values`` against ``schema``.

    Raises:
        SettingError: an unknown key (the nearest accepted ones are named) or a value out of range.
    """
    try:
        return schema.model_validate(dict(values))
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise SettingError(
                f"{where}: unknown key {key!r}: {choices(key, keys(schema))}"
            ) from None
        told = f"{where}: {key} = {shown(first['input'])}"
        if first["type"] == "tuple_type":
            raise SettingError(f"{told}: several belong here; type '[1, 2]', or '[1]'") from None
        said = first["msg"].removeprefix("Value error, ")
        reason = said[:1].lower() + said[1:]
        raise SettingError(f"{told}: {reason}; choose another value") from None


def shown(value: Any) -> str:
    """A value as a message shows it: what is too long for a line is cut.

    Example:
        >>> shown("9" * 5000)
        "'99999999999999999999999999999999999999999999999999999999..."
    """
    told = repr(value)
    return told if len(told) <= LONGEST else f"{told[: LONGEST - 3]}..."


def _takes_truth(annotation: Any) -> bool:
    """Whether ``bool`` or one of its two values is, or is part of, a type."""
    own = annotation is bool or isinstance(annotation, bool)
    return own or any(_takes_truth(part) for part in get_args(annotation))


def keys(schema: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """The dotted keys that ``schema`` accepts."""
    for name, field in schema.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from keys(inner, f"{prefix}{name}.")
        else:
            yield prefix + name


def parse_assignments(assignments: Sequence[str]) -> dict[str, Any]:
    """``["loss.margin=0.1"]`` -> ``{"loss.margin": 0.1}``; values are JSON, else plain words.

    Raises:
        SettingError: an assignment without ``=``.
    """
    parsed: dict[str, Any] = {}
    for assignment in assignments:
        key, equals, text = assignment.partition("=")
        if not equals or not key.strip():
            raise SettingError(
                f"--set {shown(assignment)}: write it as key=value, such as --set margin=0.1"
            )
        try:
            parsed[key.strip()] = json.loads(text)
        except (ValueError, RecursionError):
            parsed[key.strip()] = text.strip()
    return parsed
