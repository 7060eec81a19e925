"""Greedy decoding: how many pictures get one of their own captions, word for word."""

from dataclasses import dataclass

import numpy as np
from pydantic import Field

from core.errors import InputError
from core.predictions import Decoding
from core.settings import Settings
from core.text import END, START
from evaluate.report import Report


class Options(Settings):
    """The options of the protocol."""

    longest: int = Field(9, ge=1, description="longer sentences are cut")


@dataclass(frozen=True)
class Exact(Report):
    """``score`` is the share in percent, and a little for each right word."""

    def scores(self):
        return {"score": self.score, "exact": self.facts["exact"]}

    def headline(self):
        return f"exact {self.facts['exact']:.1f}"

    def table(self, title):
        return f"{title}\n{self.headline()}"


def judge(prediction, options, *, device="cpu"):
    if not isinstance(prediction, Decoding):
        raise InputError("exact judges a decoder; choose another protocol")
    said = _greedy(prediction, options.longest)
    pairs = list(zip(said, prediction.references, strict=True))
    exact = 100 * float(np.mean([sentence in told for sentence, told in pairs]))
    near = float(np.mean([max(_shared(s, t) for t in told) for s, told in pairs]))
    facts = {"protocol": "greedy, word for word", "protocol_name": "exact", "exact": exact}
    return Exact(facts, exact + near)


def _greedy(decoding, longest):
    """A sentence a picture, from START to END."""
    count = len(decoding.image_id)
    words, said = np.full(count, START), [[START] for _ in range(count)]
    state = decoding.start()
    for _ in range(longest):
        scores, state = decoding.step(state, words)
        words = scores.argmax(1)
        for sentence, word in zip(said, words.tolist(), strict=True):
            if sentence[-1] != END:
                sentence.append(word)
    return said


def _shared(sentence, told):
    return float(np.mean([a == b for a, b in zip(sentence, told, strict=False)]))


def example():
    """Two pictures, and a decoder that says one word and ends."""
    said = np.array([[START, 4, END], [START, 5, END]])

    def step(place, words):
        return np.eye(6)[said[:, min(place + 1, 2)]], place + 1

    references = [[row.tolist()] for row in said]
    return Decoding(np.array(["a", "b"]), references, lambda: 0, step, protocol="exact")
