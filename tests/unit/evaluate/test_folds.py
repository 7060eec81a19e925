"""The protocol of folds: which images are in which, what is said of the rest, its table."""

from dataclasses import replace

import numpy as np
import pytest

from core.errors import InputError
from core.predictions import Embeddings, Vectors
from evaluate.galleried import Galleried
from evaluate.judge import judge
from evaluate.protocols.folds import Folds
from evaluate.report import Report
from evaluate.several import Several


def given(images: int = 7) -> Embeddings:
    """Images named against the order of their rows, a caption each, which the next one likes."""
    turn = np.linspace(0, 1.5, images)
    value = np.stack([np.cos(turn), np.sin(turn)], axis=1).astype(np.float32)
    ids = np.array([f"p{images - n:03}" for n in range(images)])
    names = np.array([f"{i}#0" for i in ids])
    return Embeddings(
        Vectors(ids, value), Vectors(names, np.roll(value, 1, axis=0)), np.arange(images)
    )


def folded(fold: int = 3, images: int = 7, **more: object) -> Folds:
    report = judge(given(images), {"fold": fold, **more}, protocol="folds")
    assert isinstance(report, Folds)
    return report


def test_the_whole_split_is_as_retrieval_has_it() -> None:
    report, alone = folded(), judge(given())
    own = ("protocol", "protocol_name")
    whole = {key: value for key, value in report.facts.items() if key not in (*own, "folds")}
    assert whole == {key: value for key, value in alone.facts.items() if key not in own}
    assert report.score == alone.score
    assert report.facts["protocol"].startswith(alone.facts["protocol"])
    assert "2 folds of 3 images" in report.facts["protocol"]


def test_images_follow_one_another_by_their_ids() -> None:
    ways = {each.way: each for each in folded().queries()}
    assert list(ways) == ["i2t", "t2i", "i2tfolds", "t2ifolds"]
    told = ways["t2ifolds"]
    assert told.id[:3].tolist() == ["p003#0", "p002#0", "p001#0"]  # rows, of the first fold
    assert sorted(told.picture) == [f"p{n:03}" for n in range(1, 7)]
    assert ways["i2tfolds"].id.tolist() == told.picture.tolist()
    assert set(told.values) == set(ways["t2i"].values)


def test_where_rows_stand_changes_nothing() -> None:
    one = given()
    order = np.array([3, 0, 6, 1, 5, 2, 4])
    assert one.caption is not None
    moved = replace(
        one,
        image=Vectors(one.image.id[order], one.image.value[order]),
        owner=np.argsort(order),
    )
    report = judge(moved, {"fold": 3}, protocol="folds")
    assert report.facts == folded().facts
    ranks = [
        dict(zip(way.id, way.values["r1"], strict=True))
        for told in (report, folded())
        for way in told.queries()
    ]
    assert ranks[:4] == ranks[4:]


def test_what_is_in_no_fold_is_counted_and_said() -> None:
    report = folded()
    told = report.facts["folds"]
    assert (told["size"], told["many"], told["left_out"]) == (3, 2, 1)
    assert [fold["images"] for fold in told["each"]] == [3, 3]
    assert report.notes()[-1] == (
        "1 of 7 images, the last by their ids, are in no fold of 3: --fold 2 leaves out 1"
    )
    assert "mean of 2 folds of 3, 1 image in none" in report.table("test")
    even = folded(fold=2, images=6)
    assert even.facts["folds"]["left_out"] == 0
    assert not any("no fold" in note for note in even.notes())


def test_the_last_of_nearly_full_folds_is_not_lost_on_who_follows_the_advice() -> None:
    note = folded(fold=10, images=49).notes()[-1]
    assert (
        note == "9 of 49 images, the last by their ids, are in no fold of 10: --fold 9 leaves out 4"
    )
    assert folded(fold=9, images=49).facts["folds"]["many"] == 5


@pytest.mark.parametrize(
    ("fold", "why"),
    [
        (8, "7 images make no fold of 8; give a smaller --fold, or ask for the protocol retrieval"),
        (1000, "7 images make no fold of 1,000; "),
    ],
)
def test_fewer_images_than_a_fold_are_refused(fold: int, why: str) -> None:
    with pytest.raises(InputError, match=why):
        folded(fold=fold)


def test_a_fold_without_a_caption_is_refused() -> None:
    one = given(4)
    assert one.caption is not None
    few = replace(
        one, caption=Vectors(one.caption.id[:1], one.caption.value[:1]), owner=np.array([0])
    )
    assert judge(few).facts["captions"] == 1
    with pytest.raises(InputError, match="a fold of 2 images has no caption; give a larger --fold"):
        judge(few, {"fold": 2}, protocol="folds")


def test_numbers_of_folds_are_means_and_counts_are_sums() -> None:
    report = folded(fold=3, ties=True)
    told = report.facts["folds"]
    each, mean = told["each"], told["mean"]
    for way in ("i2t", "t2i"):
        assert mean[way]["queries"] == 6
        assert mean[way]["gallery"] == 3
        for key in ("r1", "median_rank", "mean_rank"):
            assert mean[way][key] == pytest.approx(np.mean([fold[way][key] for fold in each]))
    assert mean["chance"]["i2t"]["r1"] == pytest.approx(100 / 3)
    assert mean["rsum"] == pytest.approx(np.mean([fold["rsum"] for fold in each]))
    assert mean["tied_queries"] == sum(fold["tied_queries"] for fold in each)
    assert mean["ties"]["t2i"]["open"] == sum(fold["ties"]["t2i"]["open"] for fold in each)


def test_what_a_person_reads() -> None:
    report = folded(fold=2, images=6)
    report.mean.facts["t2i"]["median_rank"] = 1.8
    lines = report.table("test").splitlines()
    assert (
        lines[: len(judge(given(6)).table("test").splitlines())]
        == judge(given(6)).table("test").splitlines()
    )
    assert lines[5] == "mean of 3 folds of 2"
    assert lines[6].split() == ["R@1", "R@5", "R@10", "median", "mean"]
    assert lines[8].split()[-2:] == ["1.8", f"{report.mean.facts['t2i']['mean_rank']:.1f}"]
    assert lines[9].startswith(f"rsum {report.mean.score:.1f}")
    assert report.chance() == "chance R@1 16.7 / 16.7, in folds 50 / 50"
    assert report.setting().endswith("; 3 folds of 2 in the order of ids")
    assert any(note.startswith("in folds: image to text: R@5, R@10") for note in report.notes())
    assert report.headline().startswith(f"rsum {report.score:.1f} (")
    assert f", in 3 folds of 2 rsum {report.mean.score:.1f} (" in report.headline()
    assert report.scores()["folds_rsum"] == report.mean.score


def test_several_models_and_the_bias_have_the_rows_of_folds() -> None:
    report: Report = folded()
    both = Several.of(report, [report, report], ["one", "two"]).table("test").splitlines()
    assert both.count("text to image, 2 folds of 3") == 1
    assert sum(line.startswith("run 2 ") for line in both) == 4
    biased = Galleried.of(report, report, "strength 1").table("test")
    assert biased.count("mean of 2 folds of 3") == 2
