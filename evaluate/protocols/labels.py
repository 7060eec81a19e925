"""Right is what shares a label: mean average precision, both ways and within one side."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from statistics import mean
from typing import Any, ClassVar

import numpy as np
import torch
from pydantic import Field

from core.ensemble import Ensemble
from core.errors import InputError
from core.predictions import Embeddings, Prediction, Vectors
from core.settings import Settings
from core.wording import counted
from evaluate.chance import average_precision, recalls
from evaluate.chosen import chosen, depths
from evaluate.gathered import Gathered, gathered
from evaluate.labelled import Asked, LabelledSides
from evaluate.measured import NAMES, WAYS
from evaluate.placed import placed
from evaluate.precisions import DEFAULTS, Precisions
from evaluate.watched import Watched, beside

PLAIN = True
PROTOCOL = (
    "whole split as gallery, in which no query finds itself; right is what shares a label, and "
    "what has none is right for nobody and asks nothing; {similarity}; ties stand in the order of "
    "the SHA-256 of the ids; in percent"
)
MAP, KEY = "average_precision", "map"
USUAL = {**DEFAULTS, "map_at_k": {"k": (50,)}}
"""Over the first 50 is what the field reports beside the mAP of all."""
HALF = 50
ALONE = "nobody shares a label with another"


class Options(Settings):
    """The options of the protocol."""

    measures: tuple[str, ...] = Field(
        (MAP, "map_at_k", "recall"),
        min_length=1,
        description="files of evaluate/metrics, every way",
    )
    options: dict[str, dict[str, Any]] = Field(
        {},
        description="the options of each measure, by its name; by default of recall k = [1], of "
        "map_at_k k = [50]",
    )
    within: bool = Field(True, description="ask, too, images for images and texts for texts")


@dataclass(frozen=True)
class Labels(Precisions):
    """``facts``: ``images, captions, classes, unlabelled, map, tied_queries`` and the protocol.

    Each way that was asked, ``i2t, t2i, i2i, t2t``, holds ``queries``, ``gallery``, ``positives``
    (right answers a query, their mean) and the values of the measures. By their names, ``alone``
    has how many have a label and no right answer, ``chance`` what a blind guess has of mAP and
    recall, and ``not_asked`` why a way was not asked. ``curves`` and ``selective`` are those of
    ``evaluate.watched``, whatever was asked for. ``score`` is the mean of the mAP of image to
    text and of text to image, 0 to 100; without captions the mAP of image to image. ``precisions``
    are the mAP of every way, whichever measures were asked for.
    """

    KEY: ClassVar = KEY
    TOLD: ClassVar = "mAP"
    NAMES: ClassVar = NAMES

    def first(self) -> list[str]:
        """Image to text and text to image; without captions image to image."""
        return [way for way in WAYS if way in self.precisions] or super().first()

    def title(self, told: str) -> str:
        """How many images, captions and classes there are."""
        nouns = {"images": "image", "captions": "caption"}
        many = [counted(self.facts[key], noun) for key, noun in nouns.items() if key in self.facts]
        classes = counted(self.facts["classes"], "class", "classes")
        return f"{told}: {', '.join([*many, classes])}"

    def chance(self) -> str:
        """MAP of a blind guess, each way."""
        told = self.facts["chance"]
        return "chance mAP " + " / ".join(f"{told[way][KEY]:.3g}" for way in self.precisions)

    def appendix(self) -> list[str]:
        """Curves that were asked for, and what answering the surest half of the queries brings."""
        told = self.facts["selective"]
        at = told["answered"].index(HALF)
        surest = " / ".join(f"{told[way]['map'][at]:.1f}" for way in self.precisions)
        return [*super().appendix(), f"mAP of the surest {HALF} % of the queries: {surest}"]

    def notes(self) -> list[str]:
        """Who has no label, whose label nobody else has, and what could not be asked."""
        told = [
            f"{counted(many, noun)} of {self.facts[f'{noun}s']:,} without a label: right for "
            "nobody, and not asked"
            for noun, many in self.facts["unlabelled"].items()
            if many
        ]
        told += [
            f"{NAMES[way]}: not asked by {many:,} with a label that no candidate has"
            for way, many in self.facts["alone"].items()
            if many
        ]
        return told + [f"no {NAMES[way]}: {why}" for way, why in self.facts["not_asked"].items()]


def judge(
    prediction: Prediction, options: Options, *, device: torch.device | str = "cpu"
) -> Labels:
    """Rank embeddings by who shares a label, every way; of several models, by the mean.

    Raises:
        InputError: no embeddings, none with a label, or nobody shares one.
        SettingError: an unknown measure, an unknown option of one, or an unknown similarity.
    """
    if not isinstance(prediction, Embeddings | Ensemble):
        raise InputError(
            f"the protocol labels judges embeddings, not {type(prediction).__name__}; judge it by "
            f"{prediction.protocol!r}"
        )
    measures = chosen(options.measures, options.options, USUAL)
    known = LabelledSides.of(prediction)
    names = known.names(within=options.within)
    asked = known.asked([name for name in names if name not in known.unaskable], device)
    told = {name: _measured(each, measures) for name, each in asked.items()}
    watched = {name: each for name, each in told.items() if each}
    found = {name: each for name, (each, _) in watched.items()}
    precisions = {name: each.always[KEY] for name, each in found.items()}
    first = [precisions[name] for name in known.first if name in precisions]
    if not first:
        why = known.unaskable.get(known.first[0], "no query shares a label with a candidate")
        raise InputError(f"{why}; choose another --protocol")
    words = next(iter(asked.values())).way.scores.words
    score = mean(first)
    facts = {
        **{f"{noun}s": len(side.label) for noun, side in known.sides.items()},
        "classes": known.classes,
        "unlabelled": {noun: side.unlabelled for noun, side in known.sides.items()},
        "protocol": PROTOCOL.format(similarity=words),
        "protocol_name": "labels",
        **{name: each.asked for name, each in found.items()},
        KEY: score,
        "tied_queries": sum(each.tied for each in found.values()),
        "alone": {name: asked[name].labelled - len(each.right) for name, each in found.items()},
        "not_asked": {
            name: known.unaskable.get(name, ALONE) for name in names if name not in found
        },
        "chance": {name: _blind(each, depths(measures)) for name, each in found.items()},
        **beside(watched, KEY),
    }
    return Labels(facts, score, precisions, [each.queries for each in found.values()])


def example() -> Embeddings:
    """Three items of two classes, one with both, and a sentence each."""
    ids, texts = (np.array([f"{kind}{n}" for n in range(3)]) for kind in "ic")
    label = np.array([[1, 0], [0, 1], [1, 1]], dtype=np.bool_)
    value = np.array([[1, 0], [0, 1], [3, 2]], dtype=np.float32)
    return Embeddings(
        Vectors(ids, value, label), Vectors(texts, value[::-1].copy(), label), protocol="labels"
    )


def _measured(asked: Asked, measures: Mapping[str, Settings]) -> tuple[Gathered, Watched] | None:
    """None where nobody asks."""
    parts = placed(asked.way, asked.right)
    first = next(parts, None)
    if first is None:
        return None
    watched = Watched()
    passing = watched.passing(chain([first], parts))
    return gathered(asked.name, passing, asked.side.ids, measures, MAP), watched


def _blind(found: Gathered, among: Iterable[int]) -> dict[str, float]:
    """What a blind guess has of mAP, and of each recall that is measured."""
    gallery = int(found.asked["gallery"])
    return {KEY: average_precision(found.right, gallery), **recalls(found.right, gallery, among)}
