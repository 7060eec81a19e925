"""The features of a run again, of other pictures: its settings of stage one, and what made them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.errors import RunError, SettingError
from core.files import json_sha256
from core.sealed import read_sealed
from core.settings import validate
from core.sources import together
from extract.settings import FREE, FeatureSettings
from pipeline.memory.whereabouts import weights_of
from pipeline.typed.by_make import dashed
from train.record import CONFIG, MEND

MAY_BE_GIVEN = FREE | {"weights"}
ONE_BY_ONE = "give the options of `features` one by one"
WEIGHTS = (
    "make the features with `features DATA --like RUN --weights PATH` (or the name that `features` "
    "was given), and name that cache to `evaluate` with --cache"
)


def like(run: Path, given: FeatureSettings) -> tuple[FeatureSettings, dict[str, Any]]:
    """The settings of the features that ``run`` was trained on, and the facts that made them.

    Args:
        run: a run's directory.
        given: of these, what was set takes the place of the run's: what changes no number, and
            ``weights``, whose digest is among the facts.

    Raises:
        SettingError: ``given`` sets something else.
        RunError: not a run, its pictures have no features of stage one, or where its weights came
            from is not known or no longer there.
    """
    refused = sorted(given.model_fields_set - MAY_BE_GIVEN)
    if refused:
        options = ", ".join(map(dashed, refused))
        raise SettingError(f"--like takes {options} from {run}; leave {options} out")
    source = _source(run)
    made_by = dict(source["made_by"])
    then = source.get("settings")
    if not then and "weights" not in given.model_fields_set:
        raise RunError(f"{run} does not say where the weights of its features came from; {WEIGHTS}")
    if then:
        then = {**then, "weights": weights_of(run, _given(run), str(then["weights"]))}
    taken = given.model_dump(include=set(FREE | given.model_fields_set))
    values = {**(then or _told(run, made_by)), **taken}
    values["transform"] = values.get("transform") or _sizes(made_by)
    values["layer"] = ",".join(made_by.get("layers", ())) or values["layer"]
    settings = validate(FeatureSettings, values, str(run / CONFIG))
    _require_weights(run, settings.weights)
    return settings, made_by


def what_made(run: Path) -> dict[str, Any]:
    """All that made the features of ``run`` but the pictures.

    Raises:
        RunError: not a run, or its ``config.json`` does not tell.
    """
    return dict(_source(run)["made_by"])


def _source(run: Path) -> dict[str, Any]:
    """What ``config.json`` says of the features, checked."""
    file = run / CONFIG
    if not file.is_file():
        raise RunError(f"{run} is not a run (no {CONFIG}); give a run's directory to --like")
    try:
        config = read_sealed(file)
    except ValueError as error:
        raise RunError(f"{file} is damaged ({error}); {MEND}, or {ONE_BY_ONE}") from None
    try:
        every = list(config["sources"].values())
        source = dict(next((each for each in every if "backbone" in each["made_by"]), every[0]))
        sound = source["encoder"] == json_sha256(source["made_by"])
        source["made_by"] = together(source["made_by"], [each["made_by"] for each in every])
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        raise RunError(
            f"{file} does not say what made the features (an earlier version's does "
            f"not); {ONE_BY_ONE}"
        ) from None
    if not sound:
        raise RunError(f"{file} does not fit its own digest; {ONE_BY_ONE}")
    return source


def _given(run: Path) -> dict[str, Any]:
    given = read_sealed(run / CONFIG).get("given")
    return given if isinstance(given, dict) else {}


def _told(run: Path, made_by: Mapping[str, Any]) -> dict[str, Any]:
    """The options that make numbers, but for the weights, as the facts tell them."""
    try:
        layers = ",".join(made_by["layers"])
        return {"layer": layers} | {k: made_by[k] for k in ("backbone", "crops", "keep", "dtype")}
    except (KeyError, TypeError):
        raise RunError(
            f"what {run} reads is no feature cache; bring its values as they came then"
        ) from None


def _sizes(made_by: Mapping[str, Any]) -> str | None:
    """The transform as it was: another file of the same weights may not tell it."""
    then = made_by.get("transform")
    return f"{then['resize']}:{then['crop']}" if then else None


def _require_weights(run: Path, weights: str) -> None:
    file = Path(weights)
    if file.is_absolute() and not file.is_file():
        raise RunError(f"the weights of {run} are no longer at {file}; {WEIGHTS}")
