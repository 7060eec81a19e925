"""The protocol labels against a sort of all cosines, written out query by query."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import evaluate.scores.held as holding
import evaluate.way as way_of_asking
from core.ensemble import Ensemble
from core.errors import InputError, SettingError
from core.predictions import Embeddings, Vectors
from evaluate.judge import judge

Numbers = npt.NDArray[Any]
Labels = npt.NDArray[np.bool_]


def side(kind: str, value: Numbers, label: Labels | None) -> Vectors:
    return Vectors(np.array([f"{kind}{n}" for n in range(len(value))]), value, label)


def drawn(seed: int, *, several: bool = True) -> Embeddings:
    """Small whole numbers, of which many vectors are alike; some items without a label."""
    draw = np.random.default_rng(seed)
    images, captions, classes = (int(draw.integers(3, most)) for most in (9, 12, 6))
    sides = []
    for kind, many in (("i", images), ("c", captions)):
        label = draw.random((many, classes)) < 0.35
        if not several:
            label = np.eye(classes + 1, dtype=bool)[draw.integers(0, classes + 1, many), :-1]
        label[0, 0] = True
        sides.append(side(kind, draw.integers(-2, 3, (many, 3)).astype(np.float32), label))
    return Embeddings(sides[0], sides[1])


def cosine(a: Numbers, b: Numbers) -> float:
    """Rounded where what is drawn is one: it is that coarse."""
    size = float(np.sqrt(float(a @ a) * float(b @ b)))
    return round(float(a @ b) / size, 12) if size else 0.0


def violation(image: Numbers, caption: Numbers) -> float:
    return -float(np.sqrt(np.square(np.maximum(caption - image, 0)).sum()))


def bits(a: Numbers, b: Numbers) -> float:
    return -float(np.unpackbits(a ^ b).sum())


def precisions(
    asks: Vectors, answers: Vectors, score: Callable[[Numbers, Numbers], float]
) -> dict[str, float]:
    """The average precision, in percent, of each query that has a right answer."""
    assert asks.label is not None
    assert answers.label is not None
    told = {}
    for query, vector, label in zip(asks.id, asks.value, asks.label, strict=True):
        order = sorted(
            (-score(vector, other), hashlib.sha256(str(i).encode()).hexdigest(), any(label & two))
            for i, other, two in zip(answers.id, answers.value, answers.label, strict=True)
            if not (asks is answers and i == query)
        )
        found = [place for place, (*_, right) in enumerate(order, start=1) if right]
        if found:
            told[str(query)] = 100 * float(np.mean([n / p for n, p in enumerate(found, start=1)]))
    return told


def expected(
    given: Embeddings, score: Callable[[Numbers, Numbers], float]
) -> dict[str, dict[str, float]]:
    image, caption = given.image, given.caption
    assert caption is not None
    told = {
        "i2t": precisions(image, caption, score),
        "t2i": precisions(caption, image, lambda c, i: score(i, c)),
        "i2i": precisions(image, image, score),
        "t2t": precisions(caption, caption, score),
    }
    return {way: each for way, each in told.items() if each}


def assert_told(given: Any, told: dict[str, dict[str, float]]) -> None:
    report = judge(given, protocol="labels")
    queries = {each.way: each for each in report.queries()}
    assert queries.keys() == told.keys()
    for way, values in told.items():
        assert queries[way].id.tolist() == list(values)
        assert queries[way].values["map"] == pytest.approx(list(values.values()))
        assert report.facts[way]["map"] == pytest.approx(np.mean(list(values.values())))
        assert report.facts[way]["queries"] == len(values)
    both = [np.mean(list(told[way].values())) for way in ("i2t", "t2i")]
    assert report.score == report.facts["map"] == pytest.approx(np.mean(both))


@pytest.mark.parametrize("several", [True, False])
def test_every_way_is_a_sort_of_the_cosines(several: bool) -> None:
    silent = 0
    for seed in range(100):
        given = drawn(seed, several=several)
        told = expected(given, cosine)
        assert_told(given, told)
        silent += len(told["i2t"]) < len(given.image.id)
    assert silent > 20


def test_the_cosine_is_taken_where_the_inner_product_is_named() -> None:
    given = drawn(3)
    assert given.similarity == "inner"
    longer = replace(given.image, value=given.image.value * np.float32(7))
    told = [judge(each, protocol="labels") for each in (given, replace(given, image=longer))]
    assert told[0].facts == told[1].facts
    assert "; cosine in float64;" in told[0].facts["protocol"]


def test_an_order_has_no_way_within_one_side() -> None:
    for seed in range(30):
        given = replace(drawn(seed), similarity="order")
        told = expected(given, violation)
        told = {way: each for way, each in told.items() if way in ("i2t", "t2i")}
        # Roots of whole numbers are equal where these are.
        assert_told(given, told)
        report = judge(given, protocol="labels")
        assert report.facts["not_asked"].keys() == {"i2i", "t2t"}
        assert "no image to image: an order compares" in "\n".join(report.notes())
        assert "order violation in float64" in report.facts["protocol"]


def test_codes_of_bits() -> None:
    for seed in range(30):
        given = drawn(seed)
        assert given.caption is not None
        codes = [
            replace(each, value=(each.value + 3).astype(np.uint8) * 37 % 16)
            for each in (given.image, given.caption)
        ]
        coded = Embeddings(codes[0], codes[1], similarity="hamming")
        assert_told(coded, expected(coded, bits))


@pytest.mark.parametrize("similarity", ["inner", "order", "hamming"])
def test_scores_that_there_is_no_room_for_are_the_same(
    monkeypatch: pytest.MonkeyPatch, similarity: str
) -> None:
    for seed in range(10):
        given = replace(drawn(seed), similarity=similarity)
        options: dict[str, Any] = {}
        if similarity == "hamming":
            assert given.caption is not None
            codes = [
                replace(each, value=each.value.astype(np.int8).view(np.uint8))
                for each in (given.image, given.caption)
            ]
            given = replace(given, image=codes[0], caption=codes[1])
            options = {"measures": ["precision_within", "recall"]}
        told = []
        for room in (2**24, 0):
            monkeypatch.setattr(holding, "HELD", room)
            told.append(judge(given, options, protocol="labels"))
        assert told[0].facts == told[1].facts
        assert all(
            one.values.keys() == other.values.keys()
            and all((one.values[name] == other.values[name]).all() for name in one.values)
            for one, other in zip(told[0].queries(), told[1].queries(), strict=True)
        )


def owned(given: Embeddings, seed: int) -> Embeddings:
    assert given.caption is not None
    draw = np.random.default_rng(seed)
    return replace(given, owner=draw.integers(0, len(given.image.id), len(given.caption.id)))


def rowed(given: Vectors, kind: int) -> Vectors:
    """Each vector says which side it is of, and which row."""
    rows = np.array([(kind, row) for row in range(len(given.id))], dtype=np.float32)
    return replace(given, value=rows)


def test_of_several_models_the_mean_is_sorted() -> None:
    for seed in range(20):
        one, draw = owned(drawn(seed), seed), np.random.default_rng(seed + 1000)
        assert one.caption is not None
        spaces = [[one.image.value, one.caption.value]]
        spaces.append([draw.standard_normal((len(each), 5)).astype("f4") for each in spaces[0]])
        sides = [replace(one.image, value=spaces[1][0]), replace(one.caption, value=spaces[1][1])]
        other = replace(one, image=sides[0], caption=sides[1])

        def both(a: Numbers, b: Numbers, spaces: list[list[Numbers]] = spaces) -> float:
            (kind, row), (of, other) = a.astype(int), b.astype(int)
            return float(np.mean([cosine(each[kind][row], each[of][other]) for each in spaces]))

        named = Embeddings(rowed(one.image, 0), rowed(one.caption, 1))
        assert_told(Ensemble((one, other)), expected(named, both))


def test_captions_have_the_labels_of_their_images() -> None:
    given = owned(drawn(5), 5)
    assert given.caption is not None
    assert given.owner is not None
    assert given.image.label is not None
    bare = replace(given, caption=replace(given.caption, label=None))
    named = replace(given, caption=replace(given.caption, label=given.image.label[given.owner]))
    assert judge(bare, protocol="labels").facts == judge(named, protocol="labels").facts
    queries = {each.way: each for each in judge(bare, protocol="labels").queries()}
    owners = dict(zip(given.caption.id, given.image.id[given.owner], strict=True))
    for way in ("t2i", "t2t"):
        assert queries[way].picture.tolist() == [owners[i] for i in queries[way].id]


def test_images_alone_ask_images() -> None:
    given = drawn(8)
    alone = Embeddings(given.image)
    report = judge(alone, {"within": False}, protocol="labels")
    told = precisions(given.image, given.image, cosine)
    assert report.facts["i2i"]["map"] == report.score == pytest.approx(np.mean(list(told.values())))
    assert [each.way for each in report.queries()] == ["i2i"]
    assert "captions" not in report.facts
    assert report.table("test").startswith(f"test: {len(given.image.id)} images, ")


def test_what_is_measured_and_said() -> None:
    label = np.array([[1, 0], [1, 0], [0, 0], [0, 1]], dtype=bool)
    value = np.array([[1, 0], [1, 0.1], [0, 1], [-1, 0.5]], dtype=np.float32)
    given = Embeddings(side("i", value, label), side("c", value, label))
    report = judge(given, protocol="labels")
    assert set(report.facts["i2t"]) == {"queries", "gallery", "positives", "map", "map50", "r1"}
    assert (report.facts["i2t"]["queries"], report.facts["i2t"]["gallery"]) == (3, 4)
    assert report.facts["i2t"]["positives"] == pytest.approx(5 / 3)
    assert (report.facts["i2i"]["queries"], report.facts["i2i"]["gallery"]) == (2, 3)
    assert report.facts["unlabelled"] == {"image": 1, "caption": 1}
    assert report.facts["alone"] == {"i2t": 0, "t2i": 0, "i2i": 1, "t2t": 1}
    assert report.facts["classes"] == 2
    assert report.notes() == [
        "1 image of 4 without a label: right for nobody, and not asked",
        "1 caption of 4 without a label: right for nobody, and not asked",
        "image to image: not asked by 1 with a label that no candidate has",
        "text to text: not asked by 1 with a label that no candidate has",
    ]
    assert report.headline() == "mAP 100.0 (100.0 and 100.0)"
    assert report.table("test").splitlines()[0] == "test: 4 images, 4 captions, 2 classes"
    assert report.table("test").splitlines()[-2:] == [
        "mAP 100.0",
        "mAP of the surest 50 % of the queries: 100.0 / 100.0 / 100.0 / 100.0",
    ]
    assert report.setting().startswith("3 / 3 / 2 / 2 queries, 4 / 4 / 3 / 3 candidates, ")
    assert report.chance().startswith("chance mAP ")
    scores = report.scores()
    assert scores["score"] == scores["map"] == 100
    assert {"i2t_map", "t2t_r1"} <= scores.keys()
    assert not any(name.endswith(("queries", "gallery", "positives")) for name in scores)


def test_measures_and_options_are_the_askers() -> None:
    given = drawn(1)
    options = {"measures": ["recall"], "options": {"recall": {"k": [2, 3]}}, "within": False}
    report = judge(given, options, protocol="labels")
    assert set(report.facts["t2i"]) == {"queries", "gallery", "positives", "r2", "r3"}
    assert report.score == judge(given, protocol="labels").score
    assert set(report.facts["chance"]["i2t"]) == {"map", "r2", "r3"}
    assert {each.way for each in report.queries()} == {"i2t", "t2i"}
    assert all(set(each.values) == {"map", "r2", "r3"} for each in report.queries())
    with pytest.raises(SettingError, match="options of 'recall', which is not measured"):
        judge(given, {"measures": ["mean_rank"], "options": options["options"]}, protocol="labels")


def test_the_curve_is_kept_whatever_is_asked_for() -> None:
    given = drawn(6)
    asked = judge(given, {"measures": ["precision_recall"]}, protocol="labels").facts
    plain = judge(given, protocol="labels").facts
    assert asked["curves"] == plain["curves"]
    assert asked["selective"] == plain["selective"]
    for way in ("i2t", "t2i", "i2i", "t2t"):
        points = [asked[way][f"precision_at_recall_{level}"] for level in range(0, 101, 10)]
        assert plain["curves"][way] == pytest.approx(points)
    assert plain["curves"]["recall"] == list(range(0, 101, 10))


def test_tied_queries_are_those_whose_ranks_the_toss_decides() -> None:
    label = np.array([[1, 0], [1, 0], [0, 1]], dtype=bool)
    value = np.array([[1, 0], [0, 1], [0, 1]], dtype=np.float32)
    given = Embeddings(side("i", value, label), side("c", value, label))
    report = judge(given, {"within": False}, protocol="labels")
    # The second and the third of a side are alike, and have not one label: all three ask both.
    assert report.facts["tied_queries"] == 6
    assert report.table("test").splitlines()[-2].endswith(", tied queries: 6")


def test_what_cannot_be_asked_is_refused_in_one_line() -> None:
    given = drawn(2)
    assert given.image.label is not None
    assert given.caption is not None
    none = np.zeros_like(given.image.label)
    for label in (None, none):
        with pytest.raises(InputError, match="no picture has one; ask about a corpus with labels"):
            judge(replace(given, image=replace(given.image, label=label)), protocol="labels")
    with pytest.raises(InputError, match="captions have neither labels nor images"):
        judge(replace(given, caption=replace(given.caption, label=None)), protocol="labels")
    apart = replace(given.caption, label=np.zeros_like(given.caption.label))
    with pytest.raises(InputError, match="no query shares a label with a candidate; choose"):
        judge(replace(given, caption=apart), protocol="labels")
    with pytest.raises(InputError, match="an order compares an image with a caption"):
        judge(Embeddings(given.image, similarity="order"), protocol="labels")
    both = [owned(given, 0), owned(given, 0)]
    both[1] = replace(both[1], image=replace(given.image, label=~given.image.label))
    with pytest.raises(InputError, match="other labels of the same images; ask each alone"):
        judge(Ensemble((both[0], both[1])), protocol="labels")


@pytest.mark.parametrize("alone", [False, True])
def test_the_score_has_an_interval_of_the_ways_that_it_is_of(alone: bool) -> None:
    given = owned(drawn(8), 8)
    report = judge(Embeddings(given.image) if alone else given, protocol="labels")
    plain, told = report.headline(), report.with_intervals()
    ways = {each.way: each.values["map"].mean() for each in told.queries()}
    (weights,) = told.sums().values()
    assert {way for way, _ in weights} == ({"i2i"} if alone else {"i2t", "t2i"})
    assert sum(part * ways[way] for (way, _), part in weights.items()) == pytest.approx(told.score)
    low, high = told.facts["intervals"]["map"]
    assert low < told.score < high
    assert f"mAP {told.score:.1f} (95 %: {low:.1f}-{high:.1f}" in told.table("test")
    assert plain != told.headline()
    assert set(told.bounds()) == set(told.parts())


def test_in_blocks_too_no_query_is_its_own_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    given = drawn(3)
    whole = judge(given, protocol="labels").facts
    assert whole["i2i"]["queries"] > 2
    monkeypatch.setattr(way_of_asking, "BLOCK", 1)
    assert judge(given, protocol="labels").facts == whole
