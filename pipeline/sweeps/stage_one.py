"""Options of stage one in a sweep's file: as `all` takes them, lists for what may be several."""

from pathlib import Path
from typing import Any

from core.errors import SettingError
from core.settings import shown, validate
from extract.settings import SUFFIXES, FeatureSettings
from pipeline.typed.several import WEIGHTS, with_commas

OF_ONE_RUN = ("backbone", WEIGHTS, "layer")
"""The options that may be several of one run; a list makes one run of all that it names."""


def stage_one(given: Any, where: str, home: Path) -> tuple[tuple[str, Any], ...]:
    """The options with their values as they would be typed; weights are relative to ``home``.

    Raises:
        SettingError: an option or a value that stage one does not take.
    """
    if not isinstance(given, dict):
        raise SettingError(
            f"sweep: {where}: features = {shown(given)}: write features = {{ backbone = ... }}"
        )
    values = {key: _value(key, value, where, home) for key, value in given.items()}
    validate(FeatureSettings, values, f"sweep: {where}: features")
    return tuple(values.items())


def _value(key: str, value: Any, where: str, home: Path) -> Any:
    if isinstance(value, list) and key not in OF_ONE_RUN:
        raise SettingError(
            f"sweep: {where}: features: {key} = {shown(value)}: give one value; of each of several "
            "that are to be compared write a table [[grid]]"
        )
    if key == WEIGHTS:
        each = map(str, value if isinstance(value, list) else [value])
        return with_commas(str(home / one) if Path(one).suffix in SUFFIXES else one for one in each)
    return ",".join(map(str, value)) if isinstance(value, list) else value
