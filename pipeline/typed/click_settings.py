"""The options of a command from a ``Settings`` class, so that they are declared once."""

from collections.abc import Callable
from functools import wraps
from types import NoneType
from typing import Any, Literal, TypeVar, cast, get_args, get_origin

import click
from click.core import ParameterSource
from pydantic import AfterValidator
from pydantic.fields import FieldInfo

from core.settings import Settings, validate
from core.several import Several
from pipeline.typed.by_make import dashed
from pipeline.typed.click_several import Words

F = TypeVar("F", bound=Callable[..., Any])

_RANGES: dict[type, type[click.ParamType[Any]]] = {int: click.IntRange, float: click.FloatRange}


def settings_options(schema: type[Settings], name: str = "settings") -> Callable[[F], F]:
    """Give a command an option a field of ``schema``, and hand it one checked object as ``name``.

    A field is a ``str`` (of ``Several`` words too), ``bool``, ``Literal``, or an ``int`` or
    ``float`` with its range, each of which may be None by default. The object's
    ``model_fields_set`` holds what was typed: a default that nobody typed is not in it.

    Raises:
        SettingError: when the command runs, values that do not go together.
        TypeError: when the command is defined, a field of another type.
    """

    def decorate(command: F) -> F:
        @wraps(command)
        def gathered(**given: Any) -> Any:
            values = {field: given.pop(field) for field in schema.model_fields}
            typed = {field: value for field, value in values.items() if _typed(field)}
            return command(**given, **{name: validate(schema, typed, "options")})

        for field, info in reversed(schema.model_fields.items()):
            click.option(*_names(field, info), **_attributes(field, info))(gathered)
        return cast(F, gathered)

    return decorate


def _typed(field: str) -> bool:
    source = click.get_current_context().get_parameter_source(field)
    return source is not ParameterSource.DEFAULT


def _names(field: str, info: FieldInfo) -> tuple[str, str]:
    flag = dashed(field)
    both = f"{flag}/--no-{flag.removeprefix('--')}"
    return both if info.annotation is bool else flag, field


def _attributes(field: str, info: FieldInfo) -> dict[str, Any]:
    common: dict[str, Any] = {
        "default": info.default,
        "show_default": info.default is not None,
        "help": info.description,
    }
    return common if info.annotation is bool else common | {"type": _type(field, info)}


def _type(field: str, info: FieldInfo) -> click.ParamType[Any]:
    annotation = _without_none(info.annotation)
    for check in info.metadata:
        if isinstance(check, AfterValidator) and isinstance(check.func, Several):
            return Words(check.func)
    if get_origin(annotation) is Literal:
        return click.Choice(get_args(annotation))
    if annotation in _RANGES:
        return _RANGES[annotation](**_range(info))
    if annotation is str:
        return click.STRING
    raise TypeError(f"{field}: no option of the command line is made from {annotation}")


def _without_none(annotation: Any) -> Any:
    kinds = get_args(annotation)
    if get_origin(annotation) is Literal or NoneType not in kinds:
        return annotation
    (kind,) = (kind for kind in kinds if kind is not NoneType)
    return kind


def _range(info: FieldInfo) -> dict[str, Any]:
    """The bounds that pydantic keeps in the field's metadata, in click's words."""
    words = {"ge": ("min", False), "gt": ("min", True), "le": ("max", False), "lt": ("max", True)}
    found: dict[str, Any] = {}
    for bound in info.metadata:
        for ours, (theirs, is_open) in words.items():
            if hasattr(bound, ours):
                found |= {theirs: getattr(bound, ours), f"{theirs}_open": is_open}
    return found
