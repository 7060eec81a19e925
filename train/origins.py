"""What a run reads when it is asked: what it was trained on, or the features of its own CNN.

A run that tuned a CNN was trained on pixels. Once it is done, ``backbone.safetensors`` holds the
network, and ``backbone.json``, sealed, says what makes the features that the run is asked with:

    format   "tencrop-backbone/1"
    model    the SHA-256 of the model that it was taken from
    sha256   of ``backbone.safetensors``
    sources  as those of ``config.json``; the weights are ``backbone.safetensors``
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.errors import RunError
from core.sealed import read_sealed
from train.record import MEND

BACKBONE, SAID = "backbone.safetensors", "backbone.json"
FORMAT = "tencrop-backbone/1"
INSTEAD = "features"
"""Among the settings of a source of pixels: the features in whose place they are."""


def tunes(config: Mapping[str, Any]) -> bool:
    """Whether the run with this ``config.json`` tunes a CNN."""
    return bool(_begun(config))


def features_of(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """The sources of ``config.json``; in the place of pixels the features that were begun with."""
    return {**config["sources"], **_begun(config)}


def origins(run: Path, config: Mapping[str, Any]) -> Mapping[str, Any]:
    """The sources that ``run`` reads when it is asked: name -> ``encoder, made_by, settings``.

    Raises:
        RunError: it tunes a CNN, and is not done, or what it says of it is missing or damaged.
    """
    read: Mapping[str, Any] = said(run)["sources"] if tunes(config) else config["sources"]
    return read


def said(run: Path) -> dict[str, Any]:
    """``backbone.json`` of a run, the weights of its sources as a path from anywhere.

    Raises:
        RunError: missing or damaged.
    """
    try:
        told = read_sealed(run / SAID)
        for origin in told["sources"].values():
            origin["settings"]["weights"] = str((run / BACKBONE).resolve())
        return told
    except FileNotFoundError:
        raise RunError(
            f"{run} tunes a CNN and has no {SAID}, which is written once all epochs are done; go "
            "on with the same `train` command"
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RunError(f"{run / SAID} is damaged ({error}); {MEND}") from error


def _begun(config: Mapping[str, Any]) -> dict[str, Any]:
    told = {n: (origin.get("settings") or {}) for n, origin in config["sources"].items()}
    return {name: settings[INSTEAD] for name, settings in told.items() if INSTEAD in settings}
