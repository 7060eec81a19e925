"""What an index finds, against the product of all with all in float64."""

import os
import sys
from io import BytesIO

import numpy as np
import pytest

from core.errors import InputError, SettingError
from pipeline.indexed import library
from pipeline.indexed.kinds import CELL, FEW, FOLLOWED, KINDS, Plan, plan
from pipeline.indexed.measured import share
from pipeline.indexed.unit import Unit, blocks

WIDE, MANY = 12, 1200


def clustered(many=MANY, wide=WIDE, seed=0):
    rng = np.random.default_rng(seed)
    middle = rng.normal(size=(30, wide))
    values = (middle[rng.integers(30, size=many)] + 0.5 * rng.normal(size=(many, wide))).astype(
        "f4"
    )
    return values / np.linalg.norm(values, axis=1, keepdims=True)


def biased(values, seed=1):
    bias = np.random.default_rng(seed).uniform(-0.6, 0, (len(values), 1)).astype("f4")
    return np.concatenate([values, bias], axis=1)


def asking(many, with_bias):
    queries = clustered(many, seed=2)
    return np.concatenate([queries, np.ones((many, int(with_bias)))], axis=1, dtype=np.float32)


def exact(values, queries, k):
    scores = queries.astype("f8") @ values.astype("f8").T
    return np.argsort(-scores, axis=1, kind="stable")[:, :k]


@pytest.fixture(scope="module")
def faiss():
    return pytest.importorskip("faiss", reason="make setup EXTRAS=1 installs FAISS")


@pytest.mark.parametrize("with_bias", [False, True])
def test_unit_vectors_of_the_same_order(with_bias):
    values = biased(clustered()) if with_bias else clustered()
    queries = asking(50, with_bias)
    unit = Unit.of(values)
    assert bool(unit.longest) is with_bias
    room = unit.needed + 3
    laid, asked = unit.candidates(values, room), unit.queries(queries, room)
    assert laid.dtype == asked.dtype == np.float32
    assert np.allclose(np.linalg.norm(laid, axis=1), 1, atol=1e-6)
    scale = unit.longest or 1
    assert np.allclose(
        asked.astype("f8") @ laid.T * scale, queries.astype("f8") @ values.T, atol=1e-6
    )


def test_a_vector_of_zeros_among_others_is_laid_out():
    values = np.array([[0, 0], [3, 4]], dtype=np.float32)
    assert np.allclose(Unit.of(values).candidates(values, 3), [[0, 0, 1], [0.6, 0.8, 0]])


def test_blocks_are_all_rows_in_their_order(monkeypatch):
    monkeypatch.setattr("pipeline.indexed.unit.BLOCK", 5 * WIDE)
    values = clustered(23)
    parts = list(blocks(values))
    assert [len(part) for part in parts] == [5, 5, 5, 5, 3]
    assert np.array_equal(np.concatenate(parts), values)


def test_the_plan_that_is_chosen():
    assert plan("auto", FEW - 1, 100).kind == "flat"
    assert plan("auto", FEW, 100, memory=2**40).kind == "hnsw"
    each = {kind: Plan(kind, FEW, 104).each for kind in KINDS}
    assert each["flat"] > each["hnsw"] > each["ivf"] > each["ivfpq"]
    assert plan("auto", FEW, 100, memory=2 * FEW * each["ivf"]).kind == "ivf"
    assert plan("auto", FEW, 100, memory=2 * FEW * each["ivf"] - 1).kind == "ivfpq"
    assert plan("auto", FEW, 100, memory=0).kind == "ivfpq"
    assert plan("ivf", 100, 13).width == 16
    with pytest.raises(InputError, match="there are 9,999; take --kind flat$"):
        plan("ivfpq", FEW - 1, 8)


def test_what_a_query_may_look_at():
    assert (Plan("ivf", 10_000, 8).cells, Plan("ivf", 1000, 8).cells) == (10_000 // CELL, 25)
    assert Plan("ivf", 1_000_000, 8).cells == 4000
    assert Plan("ivf", 1000, 8).efforts == (1, 2, 4, 8)
    assert Plan("ivf", 10, 8).efforts == (1,)
    assert Plan("flat", 10, 8).efforts == (1,)
    assert Plan("hnsw", 10_000, 8).efforts[0] == FOLLOWED


@pytest.mark.parametrize(
    ("kind", "least", "most"), [("ivf", 1, 25), ("ivfpq", 1, 25), ("hnsw", FOLLOWED, 1000)]
)
def test_an_effort_that_is_not_possible_is_refused(kind, least, most):
    chosen = Plan(kind, 1000, 8)
    for effort in (least, most):
        chosen.require_possible(effort)
    for effort in (least - 1, most + 1):
        with pytest.raises(SettingError, match=f"give one from {least:,} to {most:,}, or leave"):
            chosen.require_possible(effort)
    Plan("hnsw", 3, 8).require_possible(FOLLOWED)


def test_an_effort_of_an_index_that_looks_at_all_is_refused():
    with pytest.raises(SettingError, match="leave --effort out"):
        Plan("flat", 1000, 8).require_possible(7)


def test_free_memory_is_asked_for_auto_alone(monkeypatch):
    monkeypatch.setattr("pipeline.indexed.kinds._free", lambda: pytest.fail("nobody asks"))
    for kind in KINDS:
        assert plan(kind, FEW, 8).kind == kind


def test_where_free_memory_is_not_known_it_is_half_of_all(monkeypatch):
    monkeypatch.setattr(os, "sysconf_names", {"SC_PHYS_PAGES": 0, "SC_PAGE_SIZE": 0})
    known = {"SC_PHYS_PAGES": 2 * FEW, "SC_PAGE_SIZE": 2 * 8}
    monkeypatch.setattr(os, "sysconf", known.__getitem__)
    # ``ivf`` takes FEW * 16 bytes, which would be half of what is free, were all of it free.
    assert plan("auto", FEW, 8).kind == "ivfpq"
    known["SC_PAGE_SIZE"] = 2**20
    assert plan("auto", FEW, 8).kind == "hnsw"


@pytest.mark.parametrize("kind", ["flat", "hnsw", "ivf"])
@pytest.mark.parametrize("with_bias", [False, True])
def test_it_finds_what_exact_search_finds(faiss, kind, with_bias):
    values = biased(clustered()) if with_bias else clustered()
    queries = asking(40, with_bias)
    made = index_of(values, kind)
    found = made.nearest(queries, 40, 16 if kind == "ivf" else 64)
    assert (found.shape, found.dtype) == ((40, 40), np.int64)
    true = exact(values, queries, 10)
    least = 1.0 if kind == "flat" else 0.95
    assert np.mean([share(*pair) for pair in zip(found, true, strict=True)]) >= least


@pytest.mark.parametrize("kind", ["flat", "hnsw", "ivf"])
def test_only_who_may_answer_does(faiss, kind):
    values, among = clustered(), np.zeros(MANY, dtype=bool)
    among[::5] = True
    found = index_of(values, kind).nearest(values[:20], 10, 64, among)
    assert among[found[found >= 0]].all()
    rows = np.flatnonzero(among)
    true = rows[exact(values[rows], values[:20], 10)]
    assert np.mean([share(*pair) for pair in zip(found, true, strict=True)]) > 0.9


@pytest.mark.parametrize("kind", ["flat", "hnsw", "ivf"])
def test_the_same_seed_and_one_thread_give_the_same_bits(faiss, kind, monkeypatch):
    values = clustered()
    first = kept(index_of(values, kind))
    assert kept(index_of(values, kind)) == first
    if kind == "ivf":
        monkeypatch.setattr(library, "LEAST", 600)  # a part of the vectors is drawn
        assert len({kept(index_of(values, kind, seed=seed)) for seed in (0, 1)}) == 2


@pytest.mark.parametrize("kind", ["flat", "hnsw", "ivf"])
def test_an_index_that_is_read_back_answers_alike(faiss, kind, tmp_path):
    values = biased(clustered())
    made, unit = index_of(values, kind), Unit.of(values)
    (tmp_path / "x").write_bytes(kept(made))
    again = library.read(tmp_path / "x", plan(kind, MANY, unit.needed), unit)
    asked = [each.nearest(values[:20], 10, 16) for each in (made, again)]
    assert np.array_equal(*asked)


def test_codes_find_the_best_again_among_candidates(faiss, monkeypatch):
    monkeypatch.setattr("pipeline.indexed.kinds.FEW", 1000)
    values = clustered(wide=16)
    made = index_of(values, "ivfpq")
    found, true = made.nearest(values[:50], 200, 16), exact(values, values[:50], 10)
    few, many = (
        np.mean([share(row[:take], real) for row, real in zip(found, true, strict=True)])
        for take in (10, 200)
    )
    assert few < many
    assert many > 0.9


def test_what_faiss_cannot_read_is_one_line(faiss, tmp_path):
    (tmp_path / "x").write_bytes(b"no index of FAISS")
    with pytest.raises(InputError, match="does not read it; build it again$"):
        library.read(tmp_path / "x", Plan("flat", 1, 8), Unit(8))


def test_without_faiss_one_line_says_what_to_type(monkeypatch):
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(InputError, match="is not installed; type make setup EXTRAS=1$"):
        index_of(clustered(), "flat")


def test_faiss_compares_as_before_after_a_build(faiss):
    before = faiss.cvar.distance_compute_blas_threshold, faiss.omp_get_max_threads()
    index_of(clustered(), "ivf")
    assert (faiss.cvar.distance_compute_blas_threshold, faiss.omp_get_max_threads()) == before


def index_of(values, kind, seed=0):
    unit = Unit.of(values)
    wanted = plan(kind, len(values), unit.needed)
    return library.build(values, wanted, unit, seed=seed, threads=1)


def kept(index):
    stream = BytesIO()
    index.write(stream)
    return stream.getvalue()
