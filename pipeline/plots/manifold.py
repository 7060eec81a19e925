"""The joint space by its neighbourhoods: a figure a method that is installed."""

from collections.abc import Iterator
from importlib.util import find_spec

from evaluate.modality import unit
from pipeline.mapped.neighbours import LEAST, METHODS
from pipeline.mapped.sampled import Sampled
from pipeline.plots.drawn import Drawn
from pipeline.plots.plane import coloured, plane
from pipeline.plots.svg import MIME

NOTE = (
    "Points that are close here are neighbours in the space; distances between groups, and how "
    "wide they are, say nothing. Pictures and captions mixed are good, islands of one kind a "
    "modality gap."
)
MISSING = " With scikit-learn there is a picture by t-SNE, too: type make setup EXTRAS=1."


def missing(sample: Sampled) -> str:
    """What to type for the figures that nobody can draw here; empty where there are some."""
    known = any(find_spec(library) for library, _ in METHODS.values())
    return "" if known or len(sample.both) < LEAST else MISSING


def manifolds(sample: Sampled, more: str = "") -> Iterator[Drawn]:
    """A figure a method that is installed; of few points none. ``more`` is said below."""
    if len(sample.both) < LEAST:
        return
    for name, (library, place) in METHODS.items():
        if find_spec(library):
            places, note = place(unit(sample.both)), NOTE + coloured(sample) + more
            alt = f"{len(places):,} pictures and captions placed by {name}."
            title = f"Projection: {name}"
            yield Drawn(name.lower(), title, alt, plane(sample, places, None), MIME, note)
