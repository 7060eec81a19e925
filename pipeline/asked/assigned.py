"""What ``--set`` says of measures: their options, by the measure, in one form however typed."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, get_origin

from core.errors import SettingError
from core.files import plain_name
from core.settings import Settings, parse_assignments, shown
from core.several import between_commas
from evaluate.measured import USUAL
from evaluate.measures import options_of, schema_of
from pipeline.typed.by_make import option

EXAMPLE = f"{USUAL}.k=1,5,50"
LONGEST = 60
"""Of so many characters a folder's name says the options; else their digest does."""
_BETWEEN = re.compile(r"\s+(?=\w+\.\w+\s*=)")

Options = Mapping[str, Mapping[str, Any]]


def options_by_measure(assignments: Sequence[str], measures: Sequence[str]) -> Options:
    """``["recall.k=1,50"]`` -> ``{"recall": {"k": [1, 50]}}``.

    So the same question has one form, however it was typed; defaults are kept, for a protocol may
    have others. One text may hold several assignments, with blanks between: a variable of make is
    one text.

    Args:
        assignments: as typed, the later winning.
        measures: those that are asked for; none means the protocol's usual.

    Raises:
        SettingError: no such measure or option, a value that it does not take, an assignment that
            is none, or options of what is not measured.

    Example:
        >>> options_by_measure(["recall.k=1,5,50", "recall.k=7"], [])
        {'recall': {'k': [7]}}
        >>> options_by_measure(["recall.k=3 precision.k=1,3"], ["precision", "recall"])
        {'recall': {'k': [3]}, 'precision': {'k': [1, 3]}}
    """
    found: dict[str, dict[str, Any]] = {}
    for text in (each for given in assignments for each in _BETWEEN.split(given)):
        measure, key = _path(text)
        try:
            value = _value(text, schema_of(measure), key)
            given = {**found.get(measure, {}), key: value}
            chosen = options_of(measure, given)
        except SettingError as error:
            raise SettingError(f"{shown(text)}: {error}") from error
        if measure not in (measures or [USUAL]):
            wanted = option("measures", ",".join([*measures, measure]))
            raise SettingError(
                f"{shown(text)}: {measure} is not asked for; give {wanted}, or leave it out"
            )
        plain = chosen.model_dump(mode="json")
        found[measure] = {key: plain[key] for key in given}
    return found


def as_name(options: Options) -> str:
    """As a part of a folder's name; what is long or has odd characters is the digest of it.

    Example:
        >>> as_name({"recall": {"k": [3, 50]}})
        'set-recall.k-3+50'
    """
    told = "-".join(_named(options))
    if not told or (len(told) <= LONGEST and plain_name(told) == told):
        return f"set-{told}" if told else ""
    return f"set-{sha256(json.dumps(options, sort_keys=True).encode()).hexdigest()[:8]}"


def typed(value: Any) -> str:
    """A value as it may be typed: a list with commas between.

    Example:
        >>> typed([1, 5, 10])
        '1,5,10'
    """
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _path(text: str) -> tuple[str, str]:
    """Measure and option of an assignment."""
    path, equals, _ = text.partition("=")
    measure, dot, key = path.strip().partition(".")
    if not (equals and measure and dot and key):
        raise SettingError(
            f"{shown(text)}: write it as MEASURE.OPTION=VALUE, such as "
            f"{option('set-measure', EXAMPLE)}"
        )
    return measure, key


def _value(text: str, schema: type[Settings], key: str) -> Any:
    """What an assignment gives; a list where the option takes several."""
    (value,) = parse_assignments([text]).values()
    field = schema.model_fields.get(key)
    return _list(value) if field and get_origin(field.annotation) is tuple else value


def _list(value: Any) -> list[Any]:
    """``"1,5"``, ``1`` and the empty text as lists; ``[1, 5]`` is one."""
    if isinstance(value, str):
        parts = between_commas(value) if value else []
        return [parse_assignments([f"each={part}"])["each"] for part in parts]
    return value if isinstance(value, list) else [value]


def _named(options: Options) -> Iterator[str]:
    for measure, given in options.items():
        for key, value in given.items():
            yield f"{measure}.{key}-{typed(value).replace(',', '+')}"
