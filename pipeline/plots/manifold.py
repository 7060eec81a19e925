"""The joint space by its neighbourhoods: t-SNE and UMAP, where somebody installed them.

Both place points so that neighbours stay neighbours (van der Maaten and Hinton 2008; McInnes et al.
2018). They are seeded, and computed by one thread: sums in another order would be another picture.
"""

import logging
from collections.abc import Callable, Iterator
from importlib.util import find_spec

import numpy as np

from evaluate.modality import unit
from evaluate.scores.face import Floats
from pipeline.plots.drawn import Drawn
from pipeline.plots.plane import coloured, plane
from pipeline.plots.sampled import SEED, Sampled
from pipeline.plots.svg import MIME

LEAST = 100
"""Of fewer points than these no neighbourhoods are shown."""
STEPS = 500
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


def _tsne(points: Floats) -> Floats:
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        found = TSNE(init="pca", random_state=SEED, max_iter=STEPS, n_jobs=1).fit_transform(points)
    return np.asarray(found, dtype=np.float64)


def _umap(points: Floats) -> Floats:
    logging.getLogger("numba").setLevel(logging.ERROR)
    from umap import UMAP

    found = UMAP(random_state=SEED, n_jobs=1, metric="cosine").fit_transform(points)
    return np.asarray(found, dtype=np.float64)


METHODS: dict[str, tuple[str, Callable[[Floats], Floats]]] = {
    "t-SNE": ("sklearn", _tsne),
    "UMAP": ("umap", _umap),
}
"""A method -> who has it, and how it places points (N, D), float64 at unit length: (N, 2)."""
