"""What each stage says first and last."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from core.records import Caption, Corpus, Image
from core.sources import CAPTIONS, StoredVectors
from evaluate.judge import judge
from evaluate.protocols.retrieval import example
from extract.settings import FeatureSettings
from pipeline.asked.circumstances import lines
from pipeline.said import opening
from pipeline.said.closing import after_evaluate, after_features, after_train, best
from pipeline.typed.by_make import ASKED_BY
from train.outline import Outline
from train.plan import Plan
from train.recipe import resolve
from train.record import Record
from train.seen import Seen

CACHE, RUN, DATA, WORK = Path("work/features/a b"), Path("work/runs/r"), Path("f 8k"), Path("work")


def corpus(
    splits: dict[str, int], captions: int = 2, labels: tuple[str, ...] = (), name: str = "tiny"
) -> Corpus:
    """So many pictures a split, each with so many captions."""
    kinds = [split for split, many in splits.items() for _ in range(many)]
    images = [Image(f"p{n:05d}", None, split, labels) for n, split in enumerate(kinds)]
    told = [(i.id, Caption(f"{i.id}#{k}", "so")) for i in images for k in range(captions)]
    return Corpus.build(name, images, told)


def network(**changed: Any) -> Any:
    facts = {
        "name": "resnet152",
        "weights": "IMAGENET1K_V2",
        "transform": SimpleNamespace(resize=232, crop=224),
        "layers": {"pooled": (2048,), "grid": (7, 7, 2048)},
    }
    return SimpleNamespace(**facts | changed)


def plan(*settings: str) -> Plan:
    world = corpus({"train": 3, "val": 1})
    parts = world.split("train"), world.split("val")
    return Plan(Outline.of(resolve({}, settings)), {}, parts, 7, Seen([], [], {}, ("train",)))


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (
            corpus({"test": 1, "odd": 1, "train": 1200, "restval": 2}, 1),
            "tiny: 1,204 pictures, 1,204 captions (train 1,200, test 1, restval 2, odd 1)",
        ),
        (corpus({"train": 1}, 0), "tiny: 1 picture, no captions (train 1)"),
        (
            corpus({"train": 2}, 0, ("dog", "cat")),
            "tiny: 2 pictures, no captions, 2 labels (train 2)",
        ),
    ],
)
def test_what_was_found_is_told_in_numbers(made: Corpus, said: str) -> None:
    assert opening.corpus_found(made) == said


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "10 crops of 232:224, their mean: 2,048 float32 numbers a picture"),
        ({"crops": 1}, "1 crop of 232:224: 2,048 float32 numbers a picture"),
        (
            {"crops": 5, "keep": "all", "layer": "grid", "dtype": "float16"},
            "5 crops of 232:224: 7 x 7 x 2,048 float16 numbers a crop",
        ),
        (
            {"crops": 1, "layer": "pooled,grid"},
            "1 crop of 232:224: 7 x 7 x 2,048 (grid) and 2,048 (pooled) float32 numbers a picture",
        ),
    ],
)
def test_what_stage_one_computes(settings: dict[str, Any], said: str) -> None:
    wanted = FeatureSettings.model_validate(settings).canonical()
    told = opening.extraction(network(), wanted, "cuda:1", 1)
    assert told == f"resnet152 with IMAGENET1K_V2, {said}; on cuda:1, 1 thread"


@pytest.mark.parametrize(
    ("there", "pictures", "said"),
    [
        (0, 8000, "new"),
        (512, 8000, "512 of 8,000 pictures are there"),
        (8000, 8000, "complete, all 8,000 pictures are there"),
    ],
)
def test_where_stage_one_goes_on_from(there: int, pictures: int, said: str) -> None:
    assert opening.cached(CACHE, there, pictures) == f"{CACHE}: {said}"


def test_what_stage_two_trains_on() -> None:
    said = "tiny: trains on 3 pictures with 6 captions{}; chooses the epoch on 1 picture with 2 "
    assert opening.parts(plan(), 0) == said.format("") + "captions"
    assert opening.parts(plan(), 2984) == said.format(", 2,984 words") + "captions"
    solved = replace(plan(), outline=Outline.of(resolve({"task": {"name": "cca"}}, ())))
    assert "; is judged on 1 picture" in opening.parts(solved, 0)


def test_pictures_that_a_source_lacks_are_not_trained_on() -> None:
    whole = plan()
    vectors, captions = np.ones((3, 2), np.float32), whole.parts[0].captions
    pictures = StoredVectors(["p00000", "p00002", "p00003"], vectors, {})
    texts = StoredVectors([each.id for each in captions[:3]], vectors, CAPTIONS)
    told = opening.parts(replace(whole, sources={"image": pictures, "text": texts}), 0)
    assert told.startswith("tiny: trains on 2 pictures with 4 captions; chooses")


def test_how_stage_two_trains() -> None:
    one = opening.training("vse++", plan("epochs=1"), {1: "main (loss a)"}, "on cpu, 2 threads")
    assert one == "vse++, seed 7: 1 epoch; on cpu, 2 threads"
    phases = {1: "warm (loss a)", 3: "main (loss b + c)"}
    two = opening.training("mine.toml", plan("epochs=9"), phases, opening.on("cuda", 1, 3))
    assert two == (
        "mine.toml, seed 7: 9 epochs (warm (loss a) from 1 on, main (loss b + c) from 3 on); "
        "on cuda, 3 processes of 1 thread"
    )


BIASED, SOLVED = ("gallery.bias=true", "epochs=2"), ("task.name=cca",)


@pytest.mark.parametrize(
    ("record", "settings", "said"),
    [
        (None, (), "new"),
        (Record("", epoch=2, step=39), (), "going on at epoch 3, step 40"),
        (Record("", epoch=2), ("gallery.bias=true",), "going on at epoch 3"),
        (Record("", epoch=2), BIASED, "2 epochs done, the gallery's bias left"),
        (Record("", epoch=2), ("epochs=2",), "2 epochs done, the last files left"),
        (Record("", epoch=2, done=True), BIASED, "finished, 2 epochs"),
        (Record("", done=True), SOLVED, "finished, solved in closed form"),
    ],
)
def test_where_stage_two_goes_on_from(
    record: Record | None, settings: tuple[str, ...], said: str
) -> None:
    outline = Outline.of(resolve({}, settings))
    assert opening.begun(RUN, record, outline) == f"{RUN}: {said}"


@pytest.mark.parametrize(
    ("settings", "gallery", "said"),
    [
        (("epochs=4",), {}, "best of 4 epochs: epoch 3, validation score 12.0"),
        (
            ("epochs=4",),
            {"strength": 0.8, "validation": {"score": 13.0}},
            "best of 4 epochs: epoch 3, validation score 12.0, with the gallery's bias 13.0",
        ),
        (
            ("epochs=4",),
            {"strength": 0.0, "validation": {"score": 12.0}},
            "best of 4 epochs: epoch 3, validation score 12.0, the gallery's bias chosen: none",
        ),
        (SOLVED, {}, "solved in closed form: validation score 12.0"),
    ],
)
def test_what_became_of_a_training(
    settings: tuple[str, ...], gallery: dict[str, Any], said: str
) -> None:
    outline = Outline.of(resolve({}, settings))
    scores = {"score": 12.0}
    done = Record("", epoch=outline.epochs, best_epoch=3, best=scores, gallery=gallery)
    assert best(done, outline) == said


def test_what_has_no_epochs_is_asked_without_one() -> None:
    facts = {"run": "r", "epoch": 0, "epochs": 0, "split": "test", "device": "cpu"}
    told = opening.asked(corpus({"test": 1}), {**facts, "threads": {"evaluation": 2}})
    assert told.startswith("r is asked about test of tiny: 1 picture")
    shown = {**facts, "finished": True, "model": "a", "cache": "b"}
    assert lines(judge(example()), [shown]).splitlines()[1] == "run r; finished; model a; cache b"


def test_what_stands_beside_the_table() -> None:
    one = {"run": "r", "epoch": 3, "epochs": 4, "split": "val", "finished": True}
    shown = {**one, "model": "0123456789", "cache": ["abcdefghij", "b"]}
    assert lines(judge(example()), [shown, {**shown, "run": "s"}]).splitlines() == [
        "split val; 2 / 3 queries, 3 / 2 candidates, 1.5 / 1 right; ties by SHA-256 of ids; "
        "chance R@1 50 / 50",
        "run 1: r; epoch 3 of 4, finished; model 01234567; caches abcdefgh b",
        "run 2: s; epoch 3 of 4, finished; model 01234567; caches abcdefgh b",
    ]


def test_what_stage_three_asks() -> None:
    facts = {"run": "r", "epoch": 3, "epochs": 14, "split": "test", "device": "cpu"}
    told = opening.asked(corpus({"test": 1}), {**facts, "threads": {"evaluation": 2}})
    assert told == (
        "r, epoch 3 of 14, is asked about test of tiny: 1 picture, 2 captions; on cpu, 2 threads"
    )


def test_what_to_type_next_is_a_command_that_a_shell_takes() -> None:
    whole = corpus({"train": 1, "val": 1})
    next_one = "next: python -m pipeline"
    assert after_features([CACHE], whole, DATA, "auto", WORK) == (
        f"{next_one} train 'work/features/a b' --data 'f 8k'"
    )
    assert after_features([CACHE], whole, DATA, "folder", Path("there")) == (
        f"{next_one} train 'work/features/a b' --data 'f 8k' --format folder --work there"
    )
    assert after_train(RUN, WORK) == f"{next_one} evaluate work/runs/r"
    assert after_evaluate(RUN, Path("there")) == (
        "next, of other pictures: python -m pipeline evaluate work/runs/r --work there --data OTHER"
    )


def test_what_to_type_next_is_a_target_where_make_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ASKED_BY, "make")
    assert after_features([CACHE], corpus({"train": 1, "val": 1}), DATA, "auto", WORK) == (
        "next: make train"
    )
    assert after_train(RUN, WORK) == "next: make eval"


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (corpus({"train": 3, "val": 2}, 0), "no captions, so"),
        (corpus({"train": 3, "test": 2}), "no captions in val, so"),
        (corpus({"test": 1}), "no captions in train and val, so"),
        (corpus({"restval": 1}), "no captions in val, so"),
    ],
)
def test_what_cannot_be_trained_on_is_not_sent_to_train(made: Corpus, said: str) -> None:
    told = after_features([CACHE], made, DATA, "auto", WORK)
    assert told.startswith(f"next: {said} nothing to train on; ")
    assert "cache info 'work/features/a b'" in told
