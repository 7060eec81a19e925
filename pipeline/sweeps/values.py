"""What a value of a sweep's file may be: words, whole numbers, alternatives, or a range."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.errors import SettingError, choices
from core.settings import shown
from pipeline.sweeps.points import Axis, Range

RANGE = ("low", "high", "log")
DEFAULTS: Mapping[str, Any] = {"seed": 0, "sampler_seed": 0}


def words(table: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    """One word or several.

    Raises:
        SettingError: it is missing, or something else.
    """
    given = _listed(table.get(key))
    if not given or not all(isinstance(each, str) and each for each in given):
        raise SettingError(f'sweep: {where}: {key} is missing; write {key} = ["NAME", ...]')
    refuse_twice(given, f"{where}: {key}")
    return tuple(given)


def refuse_twice(given: Sequence[Any], where: str) -> None:
    """Refuse a list in which a value stands twice: its run would count as two.

    Raises:
        SettingError: it is named; 0.001 and 1e-3 are one value, true and 1 are two.
    """
    for number, each in enumerate(given):
        if any(other == each and type(other) is type(each) for other in given[:number]):
            raise SettingError(
                f"sweep: {where}: {json.dumps(each, default=str)} is listed twice; list it once"
            )


def numbers(table: Mapping[str, Any], key: str, where: str, *, least: int = 0) -> tuple[int, ...]:
    """One whole number or several, each at least ``least`` and given once.

    Raises:
        SettingError: something else.
    """
    given = _listed(table.get(key, DEFAULTS.get(key)))
    sound = all(type(each) is int and each >= least for each in given)
    if not given or not sound or len(set(given)) < len(given):
        raise SettingError(
            f"sweep: {where}: {key} = {shown(table.get(key))}: write a whole number from {least} "
            "on, or several, each once"
        )
    return tuple(given)


def options(table: Any, where: str, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The dotted keys below ``set`` with what stands there; a range is no table of keys.

    Raises:
        SettingError: ``set`` is no table.
    """
    if not isinstance(table, Mapping):
        raise SettingError(f"sweep: {where}: set = {shown(table)}: write set.KEY = [VALUE, ...]")
    for key, value in table.items():
        if isinstance(value, Mapping) and not set(RANGE) & value.keys():
            yield from options(value, where, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def axis(value: Any, where: str, *, ranges: bool) -> Axis:
    """What a setting may be: a value, several in a list, or with ``ranges`` a range.

    Raises:
        SettingError: no value at all, or no range that may be here.
    """
    if isinstance(value, Mapping):
        if not ranges:
            raise SettingError(
                f"sweep: {where}: a range is drawn from in a [study]; in a [grid] list the values"
            )
        return _range(value, where)
    given = _listed(value)
    if not given:
        raise SettingError(f"sweep: {where} is an empty list; give a value, or leave it out")
    refuse_twice(given, where)
    return tuple(given)


def _range(value: Mapping[str, Any], where: str) -> Range:
    for key in value.keys() - set(RANGE):
        raise SettingError(f"sweep: {where}: unknown key {key!r}: {choices(key, RANGE)}")
    low, high, log = (value.get(key, False) for key in RANGE)
    if not (_number(low) and _number(high) and log in (True, False)) or _empty(low, high, log):
        raise SettingError(
            f"sweep: {where} = {shown(dict(value))}: write low and high, the smaller first, and "
            "with log = true both above 0"
        )
    return Range(low, high, log, whole=type(low) is int and type(high) is int)


def _number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)


def _empty(low: Any, high: Any, log: bool) -> bool:
    return bool(low >= high or (log and low <= 0))


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def is_json(value: Any) -> bool:
    """Whether JSON has such values; TOML knows dates and times besides."""
    if isinstance(value, list):
        return all(map(is_json, value))
    if isinstance(value, Mapping):
        return all(map(is_json, value.values()))
    return isinstance(value, bool | int | float | str)
