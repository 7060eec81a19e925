"""Right are the answers that files name beyond a caption's own picture: ECCV Caption's or CxC's."""

from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any, ClassVar

import numpy as np
import torch
from pydantic import Field

from core.files import file_sha256
from core.positives import LEAST
from core.predictions import Embeddings, Prediction, Vectors
from core.settings import Settings
from core.wording import counted
from evaluate.beyond import Beyond
from evaluate.chance import recalls
from evaluate.chosen import chosen, depths
from evaluate.gathered import gathered
from evaluate.measured import WAYS
from evaluate.placed import placed
from evaluate.precisions import DEFAULTS, Precisions
from evaluate.protocols.retrieval import require_embeddings
from evaluate.scores.named import scores_of

PROTOCOL = (
    "whole split as gallery; right are {right}; {similarity}; ties stand in the order of the "
    "SHA-256 of the ids; in percent"
)
LISTED = "the answers that the files name, and those alone; who has none there does not ask"
OWN = "an image's own captions and a caption's own image"
MAP, KEY = "map_at_r", "map_r"


class Options(Settings):
    """The options of the protocol."""

    positives: tuple[str, ...] = Field(
        (), description="paths of files that name right answers; without any they are the own ones"
    )
    least: float = Field(
        LEAST, description="the least score of a right pair, in tables with scores"
    )
    measures: tuple[str, ...] = Field(
        (MAP, "r_precision", "recall"),
        min_length=1,
        description="files of evaluate/metrics, both ways",
    )
    options: dict[str, dict[str, Any]] = Field(
        {}, description="the options of each measure, by its name; of recall k = [1] by default"
    )


@dataclass(frozen=True)
class Extended(Precisions):
    """``facts``: ``images, captions, map_r, tied_queries, chance, positives`` and the protocol.

    Each way that is asked, ``i2t, t2i``, holds ``queries``, ``gallery``, ``positives`` (right
    answers a query, their mean) and the values of the measures. ``positives`` says of which files
    the right answers are, which of their ids this corpus lacks, and how many queries lack an own
    answer. ``score`` is the mean of the ways' mAP@R.
    """

    KEY: ClassVar = KEY
    TOLD: ClassVar = "mAP@R"
    NAMES: ClassVar = WAYS

    def title(self, told: str) -> str:
        """How many images and captions there are, and of which files the right answers are."""
        many = [counted(self.facts[f"{noun}s"], noun) for noun in ("image", "caption")]
        files = [each["name"] for each in self.facts["positives"]["files"]]
        return f"{told}: {', '.join(many)}; right by {' and '.join(files) or 'their owner'}"

    def chance(self) -> str:
        """R@1 of a blind guess, each way."""
        told = self.facts["chance"]
        return "chance R@1 " + " / ".join(f"{told[way]['r1']:.3g}" for way in self.precisions)

    def notes(self) -> list[str]:
        """What the files name and the corpus lacks; who has no own answer among the right ones."""
        told = []
        for noun, away in self.facts["positives"]["unknown"].items():
            if away["many"]:
                first = ", ".join(map(repr, away["first"][:3]))
                told.append(
                    f"{counted(away['many'], noun)} of the files are not in this split, first "
                    f"{first}: left out"
                )
        for way, row in self.facts["positives"]["ways"].items():
            if row["lost"]:
                told.append(
                    f"{WAYS[way]}: {counted(row['lost'], 'right answer')} of those who ask are so "
                    "left out: numbers of the whole files are others"
                )
            if row["without_own"]:
                told.append(
                    f"{WAYS[way]}: {row['without_own']:,} of {row['queries']:,} who ask have not "
                    "all of their own among the right answers; add these to the file where they "
                    "are right"
                )
        return told


def judge(
    prediction: Prediction, options: Options, *, device: torch.device | str = "cpu"
) -> Extended:
    """Rank embeddings by the right answers of files, both ways; of several models, by the mean.

    Raises:
        InputError: no embeddings of captions with owners, a file that cannot be read, or one of
            another corpus.
        SettingError: an unknown measure, an unknown option of one, or an unknown similarity.
    """
    measures = chosen(options.measures, options.options, DEFAULTS)
    scores = scores_of(require_embeddings(prediction, "extended"), device)
    files = [Path(file) for file in options.positives]
    beyond = Beyond.of(scores, files, options.least)
    found = {
        name: gathered(name, placed(way, right), scores.sides.everybody[name], measures, MAP)
        for name, (way, right) in beyond.ways.items()
    }
    among = sorted({1, *depths(measures)})
    precisions = {name: each.always[KEY] for name, each in found.items()}
    facts = {
        "images": len(scores.sides.image_id),
        "captions": len(scores.sides.caption_id),
        "protocol": PROTOCOL.format(right=LISTED if files else OWN, similarity=scores.words),
        "protocol_name": "extended",
        **{name: each.asked for name, each in found.items()},
        KEY: mean(precisions.values()),
        "tied_queries": sum(each.tied for each in found.values()),
        "chance": {
            name: recalls(each.right, int(each.asked["gallery"]), among)
            for name, each in found.items()
        },
        "positives": {
            "files": [{"name": file.name, "sha256": file_sha256(file)} for file in files],
            "least": options.least,
            **beyond.told,
        },
    }
    score = float(mean(precisions.values()))
    return Extended(facts, score, precisions, [each.queries for each in found.values()])


def example() -> Embeddings:
    """Two images and three captions."""
    return Embeddings(
        Vectors(np.array(["a", "b"]), np.eye(2, dtype=np.float32)),
        Vectors(np.array(["0", "1", "2"]), np.array([[2, 1], [1, 3], [0, 1]], dtype=np.float32)),
        np.array([0, 0, 1]),
    )
