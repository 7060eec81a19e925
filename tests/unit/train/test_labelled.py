"""DSCMR and MRL on stored vectors and on words: what they are chosen by, told and refuse."""

from dataclasses import replace

import numpy as np
import pytest

from core.errors import InputError
from core.records import Caption, Corpus, Image
from core.sources import CAPTIONS, StoredVectors, text_sha256
from core.wordvectors import vector_text
from evaluate.judge import judge
from tests.interruption import assert_same_run, interrupted_at, metrics
from tests.tiny import CPU
from train.building import build
from train.identity import read_config
from train.plan import Plan
from train.recipe import resolve
from train.trained import load
from train.training import train

SMALL = ("epochs=3", "batch_size=7", "task.hidden=32", "embed_dim=16", "lr=0.01")
RECIPE = {"task": {"name": "labelled"}, "schedule": {"name": "constant"}}
WORDS = {**RECIPE, "task": {"name": "labelled_words", "min_count": 1}, "text": {"name": "cnn"}}
MRL = {
    **RECIPE,
    "task": {"name": "labelled", "classifier": "cosine"},
    "image": {"name": "feedforward", "widths": [24]},
    "loss": {"mrl": {"name": "mrl"}},
}
KINDS = ("cat", "dog", "owl")


def make(folder, *, train=15, val=6, labels=lambda n: (KINDS[n % 3],), bare=0):
    splits = ["train"] * train + ["val"] * val
    images = [
        Image(f"p{n:02d}", folder / f"p{n:02d}.jpg", split, labels(n))
        for n, split in enumerate(splits)
    ]
    captions = [
        (image.id, Caption(f"{image.id}#0", f"a {KINDS[n % 3]} of number {n}"))
        for n, image in enumerate(images[: len(images) - bare])
    ]
    return Corpus.build("tiny", images, captions)


def sources_of(corpus):
    """Near one another where the number is the same modulo three: there is something to learn."""
    draw = np.random.default_rng(0)
    kinds = {"image": draw.normal(size=(3, 1, 5)), "text": draw.normal(size=(3, 1, 4))}

    def near(side, ids):
        own = [
            kinds[side][int(i[1:3]) % 3] + 0.3 * draw.normal(size=kinds[side][0].shape) for i in ids
        ]
        return np.array(own, dtype=np.float32)

    pictures = [image.id for image in corpus.images]
    captions = [caption.id for caption in corpus.captions]
    digests = [text_sha256(caption.text) for caption in corpus.captions]
    return {
        "image": StoredVectors(pictures, near("image", pictures), {"by": "hand"}),
        "text": StoredVectors(
            captions, near("text", captions), {"by": "hand", **CAPTIONS}, digests=digests
        ),
    }


def fit(
    corpus, run, *assignments, recipe=RECIPE, told=None, seed=0, progress=lambda *_, **__: None
):
    resolved = resolve(recipe, [*SMALL, *assignments])
    wanted = resolved.part("task").sources(resolved.task)
    sources = {name: source for name, source in sources_of(corpus).items() if name in wanted}
    plan = Plan.of(corpus, sources, resolved, seed)
    outcome = train(
        plan,
        run,
        device=CPU,
        validate=lambda prediction: judge(prediction).scores(),
        progress=progress,
        given={},
        say=lambda note: None if told is None else told.append(note),
    )
    return outcome, plan


@pytest.mark.parametrize("recipe", [RECIPE, WORDS, MRL], ids=["vectors", "words", "mrl"])
def test_the_epoch_is_chosen_by_map_on_validation_and_the_run_says_it_again(recipe, tmp_path):
    corpus = make(tmp_path)
    outcome, plan = fit(corpus, tmp_path / "run", "epochs=16", "lr=0.002", recipe=recipe)
    rows = metrics(tmp_path / "run")
    best = max(rows, key=lambda row: row["map"])["epoch"]
    assert outcome.best_epoch == best
    prediction = load(tmp_path / "run", CPU).predict(corpus.split("val"), plan.sources)
    assert prediction.protocol == "labels"
    report = judge(prediction)
    assert report.facts["protocol_name"] == "labels"
    assert report.scores() == pytest.approx(outcome.best)
    assert report.score > report.facts["chance"]["i2t"]["map"] + 5


def test_each_side_alone_is_as_in_a_prediction(tmp_path):
    corpus = make(tmp_path)
    _, plan = fit(corpus, tmp_path / "run")
    trained, val = load(tmp_path / "run", CPU), corpus.split("val")
    both = trained.predict(val, plan.sources)
    images, captions = (
        trained.images(val, plan.sources),
        trained.captions(val.captions, plan.sources),
    )
    np.testing.assert_allclose(images.value, both.image.value, atol=1e-6)
    np.testing.assert_allclose(captions.value, both.caption.value, atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(images.value, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("recipe", [RECIPE, WORDS], ids=["vectors", "words"])
def test_what_a_loss_is_given_of_a_side_is_what_is_predicted_of_it(recipe, tmp_path):
    resolved = resolve(recipe, SMALL)
    corpus = make(tmp_path)
    wanted = resolved.part("task").sources(resolved.task)
    sources = {name: each for name, each in sources_of(corpus).items() if name in wanted}
    learner, data, _ = build(Plan.of(corpus, sources, resolved), {}, CPU)
    learner.task.begin(data.train)
    found = learner.task.eval()(data.train.batch(np.arange(15), CPU))
    predicted = learner.task.predict(data.train)
    assert found["label"].tolist() == predicted.image.label.tolist()
    for side, vectors in (("image", predicted.image), ("caption", predicted.caption)):
        np.testing.assert_allclose(found[side].detach(), vectors.value, atol=1e-6)


def test_words_that_are_rarer_than_asked_are_unknown(tmp_path):
    resolved, corpus = resolve(WORDS, [*SMALL, "min_count=6"]), make(tmp_path)
    sources = {"image": sources_of(corpus)["image"]}
    measured = resolved.part("task").measure(resolved.task, corpus.split("train"), sources)
    assert measured.vocabulary.words[4:] == ("a", "number", "of")  # of each animal there are five


def test_each_side_is_standardised_by_what_it_reads(tmp_path):
    corpus, both = make(tmp_path), ("image.standardise=true", "text.standardise=true", "epochs=1")
    _, plan = fit(corpus, tmp_path / "run", *both)
    task = load(tmp_path / "run", CPU).task
    for side, ids in (("image", [f"p{n:02d}" for n in range(15)]), ("text", None)):
        source = plan.sources[side]
        values = source.read(source.rows(ids or [f"p{n:02d}#0" for n in range(15)]))[:, 0]
        encoder = task.get_submodule(side)
        np.testing.assert_allclose(encoder.mean, values.mean(0), atol=1e-5)
        np.testing.assert_allclose(encoder.deviation, values.std(0), rtol=1e-4)


def test_an_interrupted_training_with_noise_ends_as_one_that_was_not(tmp_path):
    corpus = make(tmp_path)
    noise = "label_noise=0.4"
    fit(corpus, tmp_path / "whole", noise)
    with pytest.raises(KeyboardInterrupt):
        fit(corpus, tmp_path / "cut", noise, progress=interrupted_at(2, 1))
    fit(corpus, tmp_path / "cut", noise)
    assert_same_run(tmp_path / "whole", tmp_path / "cut")


def test_noise_is_of_training_alone_and_part_of_what_the_run_is(tmp_path):
    corpus = make(tmp_path)
    _, clean = fit(corpus, tmp_path / "clean")
    _, plan = fit(corpus, tmp_path / "noisy", "label_noise=0.4")
    train, val = plan.parts
    assert sum(a != b for a, b in zip(train.images, clean.parts[0].images, strict=True)) == 6
    assert val.images == clean.parts[1].images
    assert plan.key != clean.key
    config = read_config(tmp_path / "noisy")
    assert config["identity"]["settings"]["task"]["label_noise"] == 0.4
    assert "6 of 15 labelled items" in plan.notes[0]
    assert not clean.notes


@pytest.mark.parametrize("recipe", [RECIPE, MRL], ids=["dscmr", "mrl"])
def test_several_labels_and_none_are_trained_on(recipe, tmp_path):
    told = []
    corpus = make(tmp_path, labels=lambda n: () if n % 5 == 4 else (KINDS[n % 3], "each"))
    outcome, _ = fit(corpus, tmp_path / "run", recipe=recipe, told=told)
    assert np.isfinite(outcome.best["score"])
    assert any(note.startswith("3 pairs of tiny") and "without a label" in note for note in told)


def test_a_label_that_training_has_not_is_told(tmp_path):
    told = []
    corpus = make(tmp_path, labels=lambda n: ("yak",) if n == 19 else (KINDS[n % 3],), bare=1)
    fit(corpus, tmp_path / "run", told=told)
    tiny = "of tiny (val)" if "(val)" in "".join(told) else "of tiny"
    assert any(note.startswith(f"1 item {tiny} has labels that no") for note in told)
    asked = "without a label of training's: right for nobody, and not asked"
    assert any(note.endswith(asked) for note in told)
    assert not any("without a caption" in note for note in told)


def one_without_a_caption(folder):
    """The only picture of its class."""
    corpus = make(folder, labels=lambda n: ("yak",) if n == 3 else (KINDS[n % 3],))
    kept = [row for row, owner in enumerate(corpus.owner) if owner != 3]
    captions = tuple(corpus.captions[row] for row in kept)
    return replace(corpus, captions=captions, owner=corpus.owner[kept])


def test_an_item_and_a_class_that_are_in_no_pair_are_told(tmp_path):
    told = []
    fit(one_without_a_caption(tmp_path), tmp_path / "run", told=told)
    assert "no training pair has the label 'yak': nothing is learnt of it" in told
    assert any(note.endswith("without a caption: in no pair") for note in told)


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        (lambda n: (), "have no labels, and this task learns from two classes"),
        (lambda n: ("cat",), "have only the label 'cat', and this task learns from two"),
        (lambda n: (KINDS[n % 3],) if n < 15 else (), "no pair has a label of training's, so that "
         "there is nothing to choose by"),
        (lambda n: (KINDS[n % 3],) if n < 15 else ("yak",), "nothing to choose by; give labels"),
    ],
)  # fmt: skip
def test_what_nothing_can_be_learnt_or_chosen_by_is_refused(labels, told, tmp_path):
    with pytest.raises(InputError, match=told):
        fit(make(tmp_path, labels=labels), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_without_a_shared_layer_each_encoder_gives_the_joint_space(tmp_path):
    corpus = make(tmp_path)
    fit(corpus, tmp_path / "run", "hidden=0", recipe={**MRL, "image": {"name": "linear"}})
    trained = load(tmp_path / "run", CPU)
    weights = trained.task.state_dict()
    assert weights["image.project.weight"].shape == (16, 5)
    assert [name for name in weights if name.startswith("shared.")] == ["shared.classes.weight"]


def test_other_losses_take_what_the_task_gives(tmp_path):
    corpus = make(tmp_path)
    recipe = {**RECIPE, "loss": {"d": {"name": "dscmr"}, "h": {"name": "hinge"}}}
    outcome, _ = fit(corpus, tmp_path / "run", recipe=recipe)
    assert np.isfinite(outcome.best["score"])


VECTORS = np.random.default_rng(3).normal(size=(5, 3)).astype(np.float32)
FILES = {"word_dim": 0, "scale": 0}
SIDES = {
    "bag": {"name": "bag"},
    "mean of frozen vectors": {"name": "vectors", "divide": "count", "hidden": 0, **FILES},
    "cnn over frozen vectors": {"name": "cnn", "filters": 5, **FILES},
    "cnn over tuned vectors": {"name": "cnn", "filters": 5, "tune": True, **FILES},
}


@pytest.mark.parametrize("side", SIDES)
def test_a_sentence_is_read_in_each_of_the_ways_of_words(side, tmp_path):
    section = dict(SIDES[side])
    if section["name"] != "bag":
        (tmp_path / "words.vec").write_bytes(
            vector_text(["a", "of", "cat", "dog", "number"], VECTORS)
        )
        section["files"] = [str(tmp_path / "words.vec")]
    recipe = {**WORDS, "text": section}
    fit(make(tmp_path), tmp_path / "run", "epochs=1", recipe=recipe)
    state = load(tmp_path / "run", CPU).task.text.state_dict()
    assert all(values.isfinite().all() for values in state.values())
    blocks = {n: v.numpy() for n, v in state.items() if v.shape[1:] == (3,) and "linear" not in n}
    kept = [(block == row).all(axis=1).any() for block in blocks.values() for row in VECTORS]
    assert kept == {"bag": [], "cnn over tuned vectors": [False] * 5}.get(side, [True] * 5)
