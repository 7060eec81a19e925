"""Points placed so that neighbours stay neighbours: t-SNE and UMAP, where somebody installed them.

After van der Maaten and Hinton 2008, and McInnes et al. 2018. Both are seeded, and computed by one
thread: sums in another order would be another picture.
"""

import logging
from collections.abc import Callable

import numpy as np

from evaluate.scores.face import Floats
from pipeline.mapped.sampled import SEED

LEAST = 100
"""Of fewer points than these no neighbourhoods are shown."""
STEPS = 500


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
