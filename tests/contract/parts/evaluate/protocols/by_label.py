"""Right is what shares a label; images ask, captions answer."""

from dataclasses import dataclass

import numpy as np

from core.errors import InputError
from core.predictions import Embeddings, Vectors
from core.settings import Settings
from evaluate.hits import Hits
from evaluate.measures import summary
from evaluate.report import Report
from evaluate.table import lines


class Options(Settings):
    """There is nothing to choose."""


@dataclass(frozen=True)
class ByLabel(Report):
    """``score`` is the mean reciprocal rank."""

    def scores(self):
        return {"score": self.score, "map": self.facts["map"]}

    def headline(self):
        return f"mrr {self.score:.1f}"

    def table(self, title):
        values = {key: self.facts[key] for key in ("mrr", "map")}
        return "\n".join([title, *lines({"image to text": values}, values)])


def judge(prediction, options, *, device="cpu"):
    if not isinstance(prediction, Embeddings) or prediction.image.label is None:
        raise InputError("by_label judges embeddings with labels; choose another protocol")
    image, text = prediction.image, prediction.caption
    order = np.argsort(-(image.value.astype(np.float64) @ text.value.T), axis=1, kind="stable")
    right = (image.label[:, None] & text.label[None]).any(-1)
    ranks = [(np.flatnonzero(row[o]) + 1).tolist() for row, o in zip(right, order, strict=True)]
    hits = Hits.of([row for row in ranks if row], len(text.id))
    values = summary("reciprocal_rank", hits) | summary("average_precision", hits)
    facts = {"protocol": "what shares a label is right", "protocol_name": "by_label", **values}
    return ByLabel(facts, values["mrr"])


def example():
    """Two items of a class each."""
    ids, label = np.array(["a", "b"]), np.eye(2, dtype=np.bool_)
    side = Vectors(ids, np.eye(2, dtype=np.float32), label)
    return Embeddings(side, side, protocol="by_label")
