"""FAISS, which is optional: an index is built, written, read and asked here alone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from core.errors import InputError
from pipeline.indexed.kinds import LINKS, PART, Plan
from pipeline.indexed.unit import Numbers, Unit, blocks

SPEC = {
    "flat": "Flat",
    "hnsw": f"HNSW{LINKS},SQ8",
    "ivf": "IVF{cells},SQ8",
    "ivfpq": "IVF{cells},PQ{codes}",
}
"""In FAISS's words: numbers of 8 bits, as each answer is looked at again in the vectors."""
A_CELL, LEAST = 50, 65_536
"""So many vectors are drawn for each cell to learn from, and so many in all at least."""
PRODUCTS = 20
"""From so many vectors at once on, while an index is built; a query is never so many."""


class Index:
    """An index in memory; any thread may ask.

    Attributes:
        made_by: how many threads have built it, where that is known, and the version of FAISS.
    """

    def __init__(self, faiss: Any, made: Any, unit: Unit, plan: Plan, threads: int = 0):
        """What ``build`` and ``read`` give."""
        self._faiss, self._made, self._unit, self._plan = faiss, made, unit, plan
        self.made_by = {"threads": threads, "faiss": str(faiss.__version__)}

    def write(self, stream: IO[bytes]) -> None:
        """As FAISS keeps it."""
        self._faiss.write_index(self._made, self._faiss.PyCallbackIOWriter(stream.write))

    def nearest(
        self,
        queries: Numbers,
        many: int,
        effort: int,
        among: npt.NDArray[np.bool_] | None = None,
    ) -> npt.NDArray[np.int64]:
        """About the ``many`` of largest inner product with each of (Q, D) float32, best first.

        Args:
            queries: of the width that the vectors have.
            many: how many, at least 1.
            effort: neighbours that are followed, or cells that are looked into.
            among: (N,) bool, who may answer; all, unless given.

        Returns:
            (Q, many) int64 rows, -1 behind the last one that was found.
        """
        laid = self._unit.queries(queries, self._plan.width)
        asked = {"sel": self._selector(among)} if among is not None else {}
        _, rows = self._made.search(laid, many, params=self._parameters(effort, many, asked))
        found: npt.NDArray[np.int64] = rows
        return found

    def _parameters(self, effort: int, many: int, asked: dict[str, Any]) -> Any:
        if self._plan.kind == "flat":
            return self._faiss.SearchParameters(**asked)
        if self._plan.kind == "hnsw":
            return self._faiss.SearchParametersHNSW(efSearch=max(effort, many), **asked)
        return self._faiss.SearchParametersIVF(nprobe=effort, **asked)

    def _selector(self, among: npt.NDArray[np.bool_]) -> Any:
        return self._faiss.IDSelectorBitmap(np.packbits(among, bitorder="little"))


def require_faiss() -> None:
    """Refuse an index where there is nobody to build or to ask it; nothing is imported.

    Raises:
        InputError: FAISS is not installed.
    """
    if find_spec("faiss") is None:
        raise InputError(
            "an index is built and asked by FAISS, which is not installed; type make setup EXTRAS=1"
        )


def build(
    vectors: Numbers,
    plan: Plan,
    unit: Unit,
    *,
    seed: int,
    threads: int | None,
    reach: Callable[[int, int], None] = lambda done, total: None,
) -> Index:
    """An index of (N, D) float32, mapped they may be: a part of them is in memory at a time.

    The same vectors, plan, seed and threads give the same bits, but for ``hnsw`` of several
    threads, which link what they meet.

    Args:
        vectors: the candidates.
        plan: the index.
        unit: how they are laid out in it.
        seed: of what is drawn to learn from, and of the first guess.
        threads: how many compute; all that there are, unless given.
        reach: told how many vectors are in, of all.

    Raises:
        InputError: FAISS is not installed.
    """
    require_faiss()
    import faiss

    spec = SPEC[plan.kind].format(cells=plan.cells, codes=plan.width // PART)
    made: Any = faiss.index_factory(plan.width, spec, faiss.METRIC_INNER_PRODUCT)
    if plan.kind in ("ivf", "ivfpq"):
        made.cp.seed = seed
    if plan.kind == "ivfpq":
        made.pq.cp.seed = seed
        made.do_polysemous_training = False  # nothing here filters by it, and it takes minutes
    many = threads or int(faiss.omp_get_max_threads())
    with _by(faiss, many):
        if not made.is_trained:
            made.train(unit.candidates(vectors[_drawn(plan, seed)], plan.width))
        for part in blocks(vectors):
            made.add(unit.candidates(part, plan.width))
            reach(int(made.ntotal), len(vectors))
    return Index(faiss, made, unit, plan, many)


def read(path: Path, plan: Plan, unit: Unit) -> Index:
    """The index in a file whose digest was compared: FAISS trusts what it reads.

    Raises:
        InputError: FAISS is not installed, or cannot read what another version of it wrote.
    """
    require_faiss()
    import faiss

    try:
        made = faiss.read_index(str(path))
    except (RuntimeError, OSError) as error:
        raise InputError(
            f"{path}: this version of FAISS ({faiss.__version__}) does not read it; build it again"
        ) from error
    return Index(faiss, made, unit, plan)


@contextmanager
def _by(faiss: Any, threads: int) -> Iterator[None]:
    """By so many threads, and vectors compared as products of matrices: several times faster."""
    usual = faiss.cvar.distance_compute_blas_threshold, faiss.omp_get_max_threads()
    faiss.cvar.distance_compute_blas_threshold = PRODUCTS
    faiss.omp_set_num_threads(threads)
    try:
        yield
    finally:
        faiss.cvar.distance_compute_blas_threshold = usual[0]
        faiss.omp_set_num_threads(usual[1])


def _drawn(plan: Plan, seed: int) -> npt.NDArray[np.int64]:
    """Rows to learn from, rising."""
    many = min(plan.vectors, max(LEAST, A_CELL * plan.cells))
    drawn = np.random.default_rng(seed).choice(plan.vectors, many, replace=False)
    return np.sort(drawn)
