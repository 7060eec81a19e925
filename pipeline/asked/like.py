"""The features of a run again, of other pictures: its settings of stage one, and what made them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from core.errors import RunError, SettingError
from core.files import json_sha256
from core.sealed import read_sealed
from core.settings import validate
from core.sources import IMPORTED, each_view, together
from core.wording import counted
from extract.settings import FREE, SUFFIXES, FeatureSettings
from pipeline.memory.whereabouts import weights_of
from pipeline.typed.by_make import dashed
from pipeline.typed.several import COMMA, paths
from train.origins import origins
from train.record import CONFIG, MEND

MAY_BE_GIVEN = FREE | {"weights"}
ONE_BY_ONE = "give the options of `features` one by one"
WEIGHTS = (
    "make the features with `features DATA --like RUN --weights PATH` (or the name that `features` "
    "was given), and name that cache to `evaluate` with --cache"
)
NOT_MADE_HERE = (
    "which nothing here can make of other pictures; import theirs with `cache import DATA` and "
    "name that cache to `evaluate` with --cache (--encoder NAME, the same for both, says that one "
    "extractor made them)"
)


class Like(NamedTuple):
    """A cache that ``run`` was trained on: the settings that make it, and what made it."""

    run: Path
    settings: FeatureSettings
    made_by: Mapping[str, Any]


def likes(run: Path, given: FeatureSettings, way_out: str = WEIGHTS) -> list[Like]:
    """What makes each cache that ``run`` was trained on; of each just the layers that it reads.

    Args:
        run: a run's directory.
        given: of these, what was set takes the place of the run's: what changes no number, and
            ``weights``, whose digest is among the facts; of several networks one for each.
        way_out: what to do where the weights are not known or not there.

    Raises:
        SettingError: ``given`` sets something else, or another number of weights.
        RunError: not a run, its pictures have no features of stage one, or where its weights came
            from is not known or no longer there.
    """
    refused = sorted(given.model_fields_set - MAY_BE_GIVEN)
    if refused:
        options = ", ".join(map(dashed, refused))
        raise SettingError(f"--like takes {options} from {run}; leave {options} out")
    caches = _caches(run)
    weights = _weights(run, caches, given)
    return [_like(run, each, given, weights, way_out) for each in caches]


def what_made(run: Path) -> list[dict[str, Any]]:
    """All that made the features of ``run`` but the pictures, of each of its caches.

    Raises:
        RunError: not a run, or its ``config.json`` does not tell.
    """
    return [dict(each["made_by"]) for each in _caches(run)]


def _like(
    run: Path,
    cache: Mapping[str, Any],
    given: FeatureSettings,
    weights: Mapping[str, str],
    way_out: str,
) -> Like:
    made_by, then = cache["made_by"], cache.get("settings")
    if made_by.get("backbone") == IMPORTED:
        raise RunError(f"{run} was trained on imported vectors, {NOT_MADE_HERE}")
    own = weights.get(str(made_by.get("weights")))
    if not then and own is None:
        raise RunError(f"{run} does not say where the weights of its features came from; {way_out}")
    if then:
        then = {**then, "weights": weights_of(run, _given(run), str(then["weights"]))}
    values = {**(then or _told(run, made_by)), **given.model_dump(include=set(FREE))}
    values |= {} if own is None else {"weights": own}
    values["transform"] = values.get("transform") or _sizes(made_by)
    values["layer"] = ",".join(made_by.get("layers", ())) or values["layer"]
    settings = validate(FeatureSettings, values, str(run / CONFIG))
    _require_weights(run, settings.weights, way_out)
    return Like(run, settings, made_by)


def _weights(
    run: Path, caches: Sequence[Mapping[str, Any]], given: FeatureSettings
) -> dict[str, str]:
    """The weights that are given, by the digest of those of the run whose place they take."""
    if "weights" not in given.model_fields_set:
        return {}
    then = {str(c["made_by"].get("weights")): c["made_by"].get("backbone") for c in caches}
    told = paths(given.weights)
    if len(told) == 1 and Path(told[0]).suffix not in SUFFIXES:
        told *= len(then)
    if len(told) != len(then):
        listed = ",".join(map(str, then.values()))
        raise SettingError(
            f"--weights {given.weights}: {run} reads {counted(len(then), 'network')}, {listed}; "
            f"give one for each, in this order, with commas between ({COMMA})"
        )
    return dict(zip(then, told, strict=True))


def _caches(run: Path) -> list[dict[str, Any]]:
    """What ``config.json`` says of the features, a cache each, checked."""
    file = run / CONFIG
    if not file.is_file():
        raise RunError(f"{run} is not a run (no {CONFIG}); give a run's directory to --like")
    try:
        config = read_sealed(file)
    except ValueError as error:
        raise RunError(f"{file} is damaged ({error}); {MEND}, or {ONE_BY_ONE}") from None
    try:
        every = list(origins(run, config).values())
        sound = all(each["encoder"] == json_sha256(each["made_by"]) for each in every)
        caches = _together([view for each in every for view in each_view(each)])
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        raise RunError(
            f"{file} does not say what made the features (an earlier version's does "
            f"not); {ONE_BY_ONE}"
        ) from None
    if not sound:
        raise RunError(f"{file} does not fit its own digest; {ONE_BY_ONE}")
    return caches


def _together(layers: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Layers that are made alike but for the layer, as of one cache; without what is no cache.

    Raises:
        IndexError: there are none.
    """
    facts = [each["made_by"] for each in layers]
    of_stage_one = [each for each in layers if "backbone" in each["made_by"]] or [layers[0]]
    whole = [{**each, "made_by": together(each["made_by"], facts)} for each in of_stage_one]
    return list({json_sha256(each["made_by"]): each for each in reversed(whole)}.values())[::-1]


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


def _require_weights(run: Path, weights: str, way_out: str) -> None:
    file = Path(weights)
    if file.is_absolute() and not file.is_file():
        raise RunError(f"the weights of {run} are no longer at {file}; {way_out}")
