"""Ranks if ties were broken otherwise, against every order of what ties."""

from itertools import permutations

import numpy as np
import pytest

from core.predictions import Embeddings, Vectors
from evaluate.judge import judge
from evaluate.ties import RULES, Ties


@pytest.mark.parametrize("above", [0, 1, 4])
@pytest.mark.parametrize("level", [0, 1, 3])
@pytest.mark.parametrize("right", [1, 2, 3])
def test_the_expected_is_the_mean_over_every_order(above: int, level: int, right: int) -> None:
    orders = permutations([True] * right + [False] * level)
    ranks = [above + 1 + order.index(True) for order in orders]
    tied = Ties(*(np.array([number]) for number in (above, level, right)))
    told = {rule: float(rank[0]) for rule, rank in tied.ranks().items()}
    assert told["optimistic"] == min(ranks)
    assert told["pessimistic"] == max(ranks)
    assert told["expected"] == pytest.approx(np.mean(ranks))
    among = range(1, above + level + right + 2)
    summary = tied.summary(among)
    for k in among:
        found = [100 * float(rank <= k) for rank in ranks]
        assert summary["expected"][f"r{k}"] == pytest.approx(np.mean(found))
        assert summary["optimistic"][f"r{k}"] == max(found)
        assert summary["pessimistic"][f"r{k}"] == min(found)
    assert tied.open == int(level > 0)


def whole(seed: int) -> Embeddings:
    """Small whole numbers: a tie is equality."""
    draw = np.random.default_rng(seed)
    owner = draw.permutation(np.repeat(np.arange(9), draw.integers(1, 5, 9)))
    image, caption = (draw.integers(-1, 2, (n, 3)).astype(np.float32) for n in (9, len(owner)))
    ids = (
        np.array([f"{kind}{n}" for n in range(many)])
        for kind, many in (("p", 9), ("c", len(owner)))
    )
    return Embeddings(*(Vectors(i, v) for i, v in zip(ids, (image, caption), strict=True)), owner)


def slowly(given: Embeddings) -> dict[str, list[tuple[int, int, int]]]:
    """(above, level, right) of every query, by every pair."""
    assert given.caption is not None
    assert given.owner is not None
    scores = given.image.value @ given.caption.value.T
    found: dict[str, list[tuple[int, int, int]]] = {"i2t": [], "t2i": []}
    lines = [("i2t", line, given.owner == row) for row, line in enumerate(scores)]
    lines += [
        ("t2i", line, np.arange(9) == own) for line, own in zip(scores.T, given.owner, strict=True)
    ]
    for way, line, own in lines:
        best, wrong = line[own].max(), line[~own]
        counts = ((wrong > best).sum(), (wrong == best).sum(), (line[own] == best).sum())
        found[way].append((int(counts[0]), int(counts[1]), int(counts[2])))
    return found


def test_what_ties_is_counted_each_way() -> None:
    for seed in range(30):
        given = whole(seed)
        facts = judge(given, {"ties": True}).facts
        plain = judge(given).facts
        assert {key: facts[key] for key in plain} == plain
        assert facts.keys() - plain.keys() == {"ties"}
        told = slowly(given)
        for way, counts in told.items():
            tied = Ties(*(np.array(each) for each in zip(*counts, strict=True)))
            expected = {"open": tied.open, **tied.summary([1, 5, 10])}
            assert facts["ties"][way] == expected
            ranks = [facts["ties"][way][rule]["mean_rank"] for rule in RULES]
            assert ranks == sorted(ranks)
            assert ranks[0] <= facts[way]["mean_rank"] <= ranks[2]
        assert sum(facts["ties"][way]["open"] for way in told) == facts["tied_queries"]


def test_a_collapsed_model_is_expected_to_score_chance() -> None:
    one = np.ones((20, 4), dtype=np.float32)
    ids = np.array([f"p{n}" for n in range(10)]), np.array([f"c{n}" for n in range(20)])
    given = Embeddings(Vectors(ids[0], one[:10]), Vectors(ids[1], one), np.repeat(np.arange(10), 2))
    report = judge(given, {"ties": True})
    for way in ("i2t", "t2i"):
        ties, chance = report.facts["ties"][way], report.facts["chance"][way]
        assert {key: ties["expected"][key] for key in chance} == pytest.approx(chance)
        assert ties["optimistic"]["r1"] == 100
        assert ties["pessimistic"]["r1"] == 0
    assert report.notes()[-1].startswith("30 of 30 ranks follow from how ties are broken")
    lines = report.table("val").splitlines()
    assert [line.split()[0] for line in lines[6:9]] == list(RULES)
    assert lines[5].split() == ["ties,", "i2t", "R@1", "R@5", "R@10", "mean"]


def test_where_nothing_ties_nothing_is_told() -> None:
    ids = np.array(["a", "b"])
    eye = np.eye(2, dtype=np.float32)
    report = judge(Embeddings(Vectors(ids, eye), Vectors(ids, eye), np.arange(2)), {"ties": True})
    assert report.facts["ties"]["t2i"]["open"] == 0
    assert report.facts["ties"]["t2i"]["optimistic"] == report.facts["ties"]["t2i"]["pessimistic"]
    assert "ties" not in report.table("val")
    assert not any("ties" in note for note in report.notes())
