"""Several models in one report: each as alone, and the mean of their similarities."""

from dataclasses import replace
from hashlib import sha256

import numpy as np
import pytest

from core.ensemble import Ensemble
from core.predictions import Embeddings, Vectors
from evaluate.galleried import Galleried
from evaluate.judge import judge
from evaluate.report import Report
from evaluate.several import Several


def space(captions: list[list[float]]) -> Embeddings:
    """Two pictures that are the axes, and a caption of each."""
    return Embeddings(
        Vectors(np.array(["a", "b"]), np.eye(2, dtype=np.float32)),
        Vectors(np.array(["a0", "b0"]), np.array(captions, dtype=np.float32)),
        np.array([0, 1]),
    )


ONE, TWO = space([[1, 0], [3, 1]]), space([[0, 1], [0, 4]])
"""Of a0 the second is wrong, of b0 the first; the sums are a0: 1, 1 and b0: 3, 5."""


def several() -> Several:
    each = [judge(ONE), judge(TWO)]
    average = judge(Ensemble.of({"one": ONE, "two": TWO}))
    return Several.of(average, each, ["one", "two"], ["a remark"])


def test_the_mean_is_judged_and_each_stands_beside_it() -> None:
    report = several()
    assert report.facts["each"] == [judge(ONE).facts, judge(TWO).facts]
    assert "mean of 2 models' inner product in float64" in report.facts["protocol"]
    r1 = [facts["t2i"]["r1"] for facts in (*report.facts["each"], report.facts)]
    # Of a0 both tie: who comes first by the SHA-256 of the id.
    first = min("ab", key=lambda name: sha256(name.encode()).digest())
    assert r1 == [50.0, 50.0, 100.0 if first == "a" else 50.0]
    assert report.facts["tied_queries"] == 1
    assert report.score == report.facts["rsum"] == report.scores()["score"]
    assert report.notes()[-1] == "a remark"


def test_one_table_has_all() -> None:
    lines = several().table("val").splitlines()
    assert [line[:15].strip() for line in lines] == [
        "val: 2 images,",
        *("image to text", "run 1", "run 2", "average"),
        *("text to image", "run 1", "run 2", "average"),
        *("run 1, one: rsu", "run 2, two: rsu", "average of thes"),
    ]
    assert lines[1].split()[3:] == ["R@1", "R@5", "R@10", "median", "mean"]
    assert lines[6].split() == ["run", "1", "50.0", "100.0", "100.0", "1", "1.5"]
    assert len({len(line) for line in lines[1:9]}) == 1


def test_ties_of_the_average_are_told() -> None:
    each = [judge(ONE), judge(TWO)]
    mean = judge(Ensemble.of({"one": ONE, "two": TWO}), {"ties": True})
    biased = Galleried.of(mean, mean, "strength 1")
    for average in (mean, biased):
        lines = Several.of(average, each, ["one", "two"]).table("val").splitlines()
        assert [line.split()[0] for line in lines[-3:]] == ["optimistic", "expected", "pessimistic"]
        assert lines[-4].startswith("ties, t2i")


def test_with_the_bias_and_without() -> None:
    alone = [Galleried.of(judge(each), judge(each), "strength 1") for each in (ONE, TWO)]
    both = judge(Ensemble.of({"one": ONE, "two": TWO}))
    report = Several.of(Galleried.of(both, both, "run 1: strength 1"), alone, ["one", "two"])
    assert report.facts["without"] == both.facts
    assert [facts["without"] for facts in report.facts["each"]] == [
        judge(o).facts for o in (ONE, TWO)
    ]
    lines = report.table("val").splitlines()
    assert lines.count("image to text, without the bias") == 1
    assert sum(line.startswith("average ") for line in lines) == 5
    # Where not all have one, the average has none, and each says its own in its line.
    mixed = Several.of(both, [alone[0], judge(TWO)], ["one", "two"]).table("val").splitlines()
    assert not any("without" in line for line in mixed[:9])
    assert "without the bias rsum" in mixed[9]
    assert "without" not in mixed[10]


class Sentence(Report):
    """A report that is no table of rows."""

    def scores(self) -> dict[str, float]:
        return {"score": self.score}

    def headline(self) -> str:
        return f"score {self.score}"

    def table(self, title: str) -> str:
        return f"{title}: {self.score}"


def test_what_is_no_table_of_rows_stands_one_after_another() -> None:
    one, two, mean = (Sentence({"protocol_name": "x"}, score) for score in (1.0, 2.0, 1.5))
    lines = Several.of(mean, [one, two], ["a", "b"]).table("val").splitlines()
    assert lines[:3] == ["val, run 1: 1.0", "val, run 2: 2.0", "val, average: 1.5"]
    assert one.title("val") == "val: x"


@pytest.mark.parametrize("similarity", ["inner", "order"])
def test_the_mean_of_real_spaces_is_that_of_their_matrices(similarity: str) -> None:
    draw = np.random.default_rng(0)
    owner = draw.permutation(np.repeat(np.arange(30), 3))
    ids = np.array([f"p{n}" for n in range(30)]), np.array([f"c{n}" for n in range(90)])
    members, scores = [], np.zeros((30, 90))
    for width in (8, 20, 33):
        image, caption = (draw.random((n, width)).astype(np.float32) for n in (30, 90))
        members.append(
            Embeddings(
                Vectors(ids[0], image), Vectors(ids[1], caption), owner, similarity=similarity
            )
        )
        excess = np.maximum(caption[None].astype(float) - image[:, None], 0)
        scores += (
            image.astype(float) @ caption.T
            if similarity == "inner"
            else -np.linalg.norm(excess, axis=2)
        )
    facts = judge(Ensemble.of(dict(zip("abc", members, strict=True)))).facts
    t2i = [1 + int((scores[:, c] > scores[owner[c], c]).sum()) for c in range(90)]
    i2t = [1 + int((scores[i, owner != i] > scores[i, owner == i].max()).sum()) for i in range(30)]
    assert facts["t2i"]["mean_rank"] == np.mean(t2i)
    assert facts["i2t"]["mean_rank"] == np.mean(i2t)
    assert facts["t2i"]["mean_rank"] != judge(members[0]).facts["t2i"]["mean_rank"]
    moved = replace(
        members[1],
        image=replace(members[1].image, value=members[0].image.value[:, :1].repeat(20, 1)),
    )
    assert judge(Ensemble.of({"a": members[0], "b": moved})).facts != facts
