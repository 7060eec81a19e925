"""Settings: defaults <- recipe <- ``--set key=value``; an unknown key names the accepted ones."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from core.errors import SettingError, choices


class Settings(BaseModel):
    """A frozen set of options: each field has a default, a type, a range and a description."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


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
        reason = first["msg"][:1].lower() + first["msg"][1:]
        raise SettingError(
            f"{where}: {key} = {first['input']!r}: {reason}; choose another value"
        ) from None


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
            raise SettingError(f"--set {assignment!r}: write it as key=value")
        try:
            parsed[key.strip()] = json.loads(text)
        except ValueError:
            parsed[key.strip()] = text.strip()
    return parsed
