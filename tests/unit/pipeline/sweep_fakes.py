"""Points of a sweep that are made up."""

from pathlib import Path

from pipeline.stages.terms import CorpusAt
from pipeline.sweeps.file import Sweep
from pipeline.sweeps.points import Configuration, Point
from pipeline.sweeps.taken import Taken


def made(configuration: Configuration, seed: int, score: float) -> Taken:
    """A run with this score, of which a tenth is R@1."""
    scores = {"score": score, "rsum": score, "i2t_r1": score / 10, "similarity_positive": 0.5}
    return Taken(Point(configuration, seed), Path("runs") / str(seed), scores, 2, 4.0)


def asked(folder: Path) -> Sweep:
    """What a file says that asks for nothing in particular."""
    return Sweep("mine", CorpusAt(folder), "one", (), {"data": "photos"})
