"""What cannot be learnt is said before a training."""

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from core.records import Caption, Corpus, Image
from pipeline.refusals.doubts import doubts, shared_pictures
from pipeline.said.progress import TrainingBar, still
from train.outline import Outline
from train.plan import Plan
from train.recipe import resolve
from train.seen import Seen

SPLITS = ("train", "train", "train", "val", "test")


def corpus(captions: Sequence[int], splits: Sequence[str] = SPLITS, text: str = "{}") -> Corpus:
    """A picture a split; ``captions`` of each, all others than another unless ``text`` is told."""
    images = [Image(f"p{n}", None, split) for n, split in enumerate(splits)]
    told = [(f"p{n}", f"p{n}#{k}") for n, many in enumerate(captions) for k in range(many)]
    return Corpus.build("tiny", images, [(i, Caption(c, text.format(c))) for i, c in told])


def plan(world: Corpus, digests: str = "abcde", *settings: str) -> Plan:
    known = [(image.id, digest) for image, digest in zip(world.images, digests, strict=False)]
    parts = world.split("train"), world.split("val")
    train, val = ([(i, d) for i, d in known if i in {x.id for x in p.images}] for p in parts)
    recipe = resolve({}, settings)
    return Plan(Outline.of(recipe), {}, parts, 0, Seen(train, val, {}, ("train",)))


def test_a_sound_training_says_nothing() -> None:
    assert doubts(plan(corpus([2, 2, 2, 2, 2]))) == []


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (plan(corpus([2, 2, 2, 2]), "abcde", "batch_size=1"), ["choose a larger batch_size"]),
        (plan(corpus([0, 1, 0, 2])), ["each batch is a single example", "one training picture"]),
        (plan(corpus([0, 5, 0, 2])), ["one training picture has captions"]),
        (plan(corpus([2, 2, 2, 2]), "aaabc"), ["all 3 training pictures are the same file"]),
        (plan(corpus([2, 2, 2, 2], text="so")), ["all 6 training captions are 'so'"]),
        (
            plan(corpus([2, 2, 2, 2]), "abcad"),
            ["1 of the 1 validation picture is a training picture too, first 'p3'"],
        ),
    ],
)
def test_each_doubt_is_one_sentence(made: Plan, said: list[str]) -> None:
    found = doubts(made)
    assert len(found) == len(said)
    for line, words in zip(found, said, strict=True):
        assert words in line
        assert "\n" not in line


def test_captions_that_differ_in_case_alone_are_one() -> None:
    world = corpus([2, 2, 2, 2], text="a street")
    told = [
        replace(c, text=c.text.upper() if n % 2 else c.text) for n, c in enumerate(world.captions)
    ]
    (line,) = doubts(plan(replace(world, captions=tuple(told))))
    assert line.startswith("all 6 training captions are 'a street'")


@pytest.mark.parametrize(
    ("crop", "shapes", "said"),
    [
        ("mixture", [(1, 8)], True),
        ("random", [(1, 8), (1, 4)], True),
        ("mixture", [(1, 8), (2, 4)], False),
        ("mean", [(1, 8)], False),
        ("mixture", [(8,)], False),
    ],
)
def test_drawing_of_one_crop_is_said(crop: str, shapes: list[tuple[int, ...]], said: bool) -> None:
    made = plan(corpus([2, 2, 2, 2]), "abcde", f"image.crop={crop}")
    sources: dict[str, Any] = {str(n): SimpleNamespace(shape=s) for n, s in enumerate(shapes)}
    found = doubts(replace(made, sources=sources))
    assert len(found) == said
    assert all("nothing is drawn; make them with --crops 2 --keep all" in line for line in found)


def test_files_of_two_splits_are_counted_in_one_sentence() -> None:
    world = corpus([1] * 6, ("train", "train", "val", "test", "test", "extra"))
    cache = SimpleNamespace(ids=[image.id for image in world.images], digests=list("abaaba"))
    (line,) = shared_pictures(world, cache)  # type: ignore[arg-type]
    counts = "1 of 'train' in 'val', 2 of 'train' in 'test', 1 of 'val' in 'test'; "
    assert f"in two splits: {counts}" in line
    (line,) = shared_pictures(world, cache, ("train",))  # type: ignore[arg-type]
    assert "in two splits: 2 of 'train' in 'test', 1 of 'val' in 'test'; " in line
    cache.digests = ["a", "b", "c", "d", "e", ""]
    assert shared_pictures(world, cache) == []  # type: ignore[arg-type]
    cache.digests = [""] * 6
    assert shared_pictures(world, cache) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("losses", "said"),
    [
        ([], ""),
        ([3.0, 2.0], ""),
        ([3.0], ""),
        ([0.0], "the loss was 0 in each step"),
        ([0.0, 0.0], "the loss was 0 in each step"),
        ([51.2, 51.2], "the loss was 51.2 in each step: nothing is learnt"),
    ],
)
def test_a_loss_that_never_moves(losses: list[float], said: str) -> None:
    assert still(losses).startswith(said)
    assert bool(still(losses)) == bool(said)


def test_it_is_said_after_its_epoch_and_only_then(capsys: pytest.CaptureFixture[str]) -> None:
    drawn = TrainingBar(2)
    for epoch, losses in ((1, (0.0, 0.0)), (2, (0.0, 1.0))):
        for step, loss in enumerate(losses, start=1):
            drawn(
                epoch,
                step,
                2,
                loss=loss,
                mean_loss=loss,
                examples_per_second=9.0,
                validation={},
            )
        drawn.validated("rsum 1")
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("epoch")]
    assert [line for line in lines if "in each step" in line] == [
        line for line in lines if line.startswith("epoch 1: the loss was 0")
    ]
    assert len(lines) >= 3


def test_of_an_epoch_that_was_gone_on_with_nothing_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    drawn = TrainingBar(1)
    drawn(1, 2, 2, loss=0.0, mean_loss=1.0, examples_per_second=9.0, validation={})
    drawn.validated("rsum 1")
    assert "in each step" not in capsys.readouterr().err
