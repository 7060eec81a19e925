"""Matching as a run: what it is judged by, what it is told, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest
from test_labelled import KINDS, make, one_without_a_caption, sources_of

from core.errors import InputError, SettingError
from core.sources import StoredVectors
from evaluate.judge import judge
from tests.tiny import CPU
from train.plan import Plan
from train.recipe import resolve
from train.trained import load
from train.training import train

WAYS = (
    ("correlate=pairs",),
    ("correlate=classes",),
    ("correlate=no", "semantic=true"),
    ("correlate=pairs", "semantic=true", "power=0"),
    ("correlate=no", "semantic=true", "captions=words", "min_count=1"),
    ("correlate=classes", "captions=words", "min_count=1"),
)


def fit(corpus, run, *assignments, told=None, whole=None):
    recipe = resolve({"task": {"name": "matched"}}, assignments)
    wanted = recipe.part("task").sources(recipe.task)
    sources = {
        name: source for name, source in sources_of(whole or corpus).items() if name in wanted
    }
    plan = Plan.of(corpus, sources, recipe)
    outcome = train(
        plan,
        run,
        device=CPU,
        validate=lambda prediction: judge(prediction).scores(),
        progress=lambda *_, **__: None,
        given={},
        say=lambda note: None if told is None else told.append(note),
    )
    return outcome, plan


@pytest.mark.parametrize("way", WAYS, ids=" ".join)
def test_each_way_is_judged_by_labels_above_chance_and_says_it_again(way, tmp_path):
    corpus = make(tmp_path, train=30, val=12)
    outcome, plan = fit(corpus, tmp_path / "run", *way)
    prediction = load(tmp_path / "run", CPU).predict(corpus.split("val"), plan.sources)
    report = judge(prediction)
    assert report.facts["protocol_name"] == "labels"
    assert report.scores() == pytest.approx(outcome.best)
    assert report.score > report.facts["chance"]["i2t"]["map"] + 20


def test_of_n_classes_there_are_less_than_n_directions(tmp_path):
    corpus = make(tmp_path)
    for number, (way, width) in enumerate(zip(WAYS[:2], (4, len(KINDS) - 1), strict=True)):
        fit(corpus, tmp_path / f"{number}", *way)
        assert load(tmp_path / f"{number}", CPU).task.image_map.shape == (5, width)


def test_wrong_labels_are_learnt_from_but_not_by_what_reads_none(tmp_path):
    corpus = make(tmp_path)
    for name, way, same in (("one", WAYS[0], True), ("two", WAYS[1], False)):
        clean, _ = fit(corpus, tmp_path / name, *way)
        told = []
        noise = (*way, "label_noise=0.4")
        noisy, plan = fit(corpus, tmp_path / f"{name}-noisy", *noise, told=told)
        assert "6 of 15 labelled items" in plan.notes[0]
        assert (noisy.best == clean.best) == same
        assert any("label_noise changes nothing" in each for each in told) == same


@pytest.mark.parametrize(
    ("way", "told"),
    [
        (WAYS[0], "it counts as any other"),
        (WAYS[1], "nothing is learnt from it"),
        (WAYS[2], "nothing is learnt from it"),
        (WAYS[3], "only its correlations count"),
    ],
)
def test_what_a_pair_without_a_label_is_for_is_told(way, told, tmp_path):
    notes = []
    corpus = make(tmp_path, labels=lambda n: () if n % 5 == 4 else (KINDS[n % 3], "each"))
    outcome, _ = fit(corpus, tmp_path / "run", *way, told=notes)
    assert np.isfinite(outcome.best["score"])
    assert any(note.startswith("3 pairs of tiny without a label: " + told) for note in notes)


@pytest.mark.parametrize(
    ("way", "alone", "unpaired"),
    [
        (WAYS[0], "in no pair", ""),
        (WAYS[1], "", "nothing is learnt of it"),
        (WAYS[2], "", "it is learnt of pictures alone"),
        (WAYS[3], "only its classes count", "it is learnt of pictures alone"),
    ],
)
def test_what_a_picture_without_a_caption_is_for_is_told(way, alone, unpaired, tmp_path):
    notes = []
    fit(one_without_a_caption(tmp_path), tmp_path / "run", *way, told=notes)
    ends = [note.split(": ")[-1] for note in notes if "without a caption" in note]
    assert ends == [alone] * bool(alone)
    ends = [note.split(": ")[-1] for note in notes if note.startswith("no training pair")]
    assert ends == [unpaired] * bool(unpaired)


def test_what_there_is_nothing_to_compare_by_is_refused(tmp_path):
    with pytest.raises(SettingError, match="leaves nothing to compare without semantic = true"):
        fit(make(tmp_path), tmp_path / "run", "correlate=no")


@pytest.mark.parametrize("labels", [lambda n: (), lambda n: ("cat",)])
def test_fewer_than_two_classes_are_refused(labels, tmp_path):
    with pytest.raises(InputError, match="this task learns from two classes or more"):
        fit(make(tmp_path, labels=labels), tmp_path / "run", *WAYS[1])
    assert not (tmp_path / "run").exists()


def test_a_grid_is_refused(tmp_path):
    corpus = make(tmp_path)
    ids = [image.id for image in corpus.images]
    grid = StoredVectors(ids, np.ones((len(ids), 1, 2, 2, 5), dtype=np.float32), {"by": "hand"})
    recipe = resolve({"task": {"name": "matched"}})
    sources = {**sources_of(corpus), "image": grid}
    with pytest.raises(SettingError, match="task matched takes a pooled layer"):
        train(
            Plan.of(corpus, sources, recipe),
            tmp_path / "run",
            device=CPU,
            validate=lambda prediction: {"score": 0.0},
            progress=lambda *_, **__: None,
            given={},
        )


def test_a_picture_without_a_caption_is_of_its_class_too(tmp_path):
    corpus = make(tmp_path)
    kept = [row for row, owner in enumerate(corpus.owner) if owner not in (0, 4)]
    captions = tuple(corpus.captions[row] for row in kept)
    few = replace(corpus, captions=captions, owner=corpus.owner[kept])
    other = few.select(np.array([n not in (0, 4) for n in range(len(few.images))]))
    for way, same in ((WAYS[0], True), (WAYS[1], False), (WAYS[2], False)):
        weights = []
        for number, each in enumerate((few, other)):
            run = tmp_path / f"{way[0]}{number}"
            _, plan = fit(each, run, *way, whole=corpus)
            trained = load(run, CPU)
            weights.append(trained.predict(each.split("val"), plan.sources).image.value)
        assert np.allclose(*weights, atol=1e-5) == same
