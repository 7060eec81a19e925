"""Runs whose words have vectors from files: what they are, and what they need."""

import json
from hashlib import sha256

import numpy as np
import pytest
import torch

from core.errors import InputError, RunError, SettingError
from core.wordvectors import vector_text
from evaluate.judge import judge
from tests.interruption import interrupted_at
from tests.tiny import CPU, world
from train.outline import Outline
from train.plan import Plan
from train.recipe import resolve
from train.trained import load
from train.training import train

WORDS = ["red", "green", "dog", "ball", "car", "more"]
ENCODERS = ["vectors", "gru", "lstm", "transformer", "sum"]
SMALL = ("epochs=2", "batch_size=8", "embed_dim=6", "min_count=1", "lr=0.01")


def word_file(folder, *, name="v.vec", seed=0, words=WORDS, width=3):
    folder.mkdir(exist_ok=True)
    values = np.random.default_rng(seed).normal(size=(len(words), width)).astype(np.float32)
    (folder / name).write_bytes(vector_text(words, values))
    return folder / name


def recipe_of(encoder, path, *assignments):
    section = "text.second" if encoder == "sum" else "text"
    files = f"{section}.files={json.dumps([str(path)])}"
    width = "width=4" if encoder == "transformer" else f"{section}.word_dim=4"
    small = [width, files, *assignments]
    return resolve({"text": {"name": encoder}}, [*SMALL, *small])


def plan_of(recipe, folder, seed=0):
    corpus, sources, _ = world(recipe, folder)
    return Plan.of(corpus, sources, recipe, seed)


def fit(recipe, folder, run, *, progress=lambda *_, **__: None):
    told = []
    train(
        plan_of(recipe, folder),
        run,
        device=CPU,
        validate=lambda prediction: judge(prediction).scores(),
        progress=progress,
        given={},
        save_every=0,
        say=told.append,
    )
    return told


def model(run):
    return (run / "model.safetensors").read_bytes()


def test_without_files_a_recipe_is_what_it_was(tmp_path):
    with_options = plan_of(resolve({}, [*SMALL, "text.scale=0.3", "tune=false"]), tmp_path)
    assert with_options.key == plan_of(resolve({}, SMALL), tmp_path).key
    assert with_options.outline.files == {}


@pytest.mark.parametrize("encoder", ENCODERS)
def test_the_bytes_of_the_file_count_and_not_its_place(tmp_path, encoder):
    here = word_file(tmp_path / "a")
    same = word_file(tmp_path / "b", name="other.vec")
    other = word_file(tmp_path / "c", seed=1)
    plans = [plan_of(recipe_of(encoder, path), tmp_path) for path in (here, same, other)]
    assert plans[0].key == plans[1].key != plans[2].key
    assert plans[0].identity == plans[1].identity != plans[2].identity
    stored = json.dumps(plans[0].identity)
    assert f"3d-{sha256(here.read_bytes()).hexdigest()}" in stored
    assert str(tmp_path) not in stored
    word_file(tmp_path / "a", seed=1)
    assert plan_of(recipe_of(encoder, here), tmp_path).key == plans[2].key


def test_what_is_settled_stays(tmp_path):
    outline = Outline.of(recipe_of("vectors", word_file(tmp_path))).settled()
    assert Outline.from_json(json.loads(json.dumps(outline.to_json()))) == outline
    assert outline.settled() == outline
    assert Outline.of(outline.recipe()).settled().settings == outline.settings


@pytest.mark.parametrize("encoder", ENCODERS)
def test_a_run_needs_the_file_no_more(tmp_path, encoder):
    path = word_file(tmp_path / "files")
    recipe = recipe_of(encoder, path)
    told = fit(recipe, tmp_path, tmp_path / "run")
    assert f"{path} has 5 of the vocabulary's 8 words (62.5 %)" in told
    with pytest.raises(RunError, match=r"files = \['3d-"):
        fit(recipe_of(encoder, word_file(tmp_path / "files", seed=1)), tmp_path, tmp_path / "run")
    path.unlink()
    trained = load(tmp_path / "run", CPU)
    corpus, sources, _ = world(recipe, tmp_path)
    prediction = trained.predict(corpus.split("val"), sources)
    scores = judge(prediction).scores()
    assert scores == pytest.approx(trained.record.best)


def table_of(trained, encoder):
    text = trained.task.text.second if encoder == "sum" else trained.task.text
    if encoder == "transformer":
        return text.given
    return text.table if encoder in ("vectors", "sum") else text.embedding


@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize("tune", [False, True])
def test_frozen_vectors_are_those_of_the_file_and_tuned_ones_begin_there(tmp_path, encoder, tune):
    path = word_file(tmp_path)
    section = "text.second" if encoder == "sum" else "text"
    options = [f"{section}.tune={json.dumps(tune)}", "lr=0.0001", f"{section}.scale=0.5"]
    fit(recipe_of(encoder, path, *options), tmp_path, tmp_path / "run")
    trained = load(tmp_path / "run", CPU)
    block, words = table_of(trained, encoder).file0.detach(), trained.task._measured.words
    lines = [line.split() for line in path.read_text().splitlines()[1:]]
    rows = {word: np.array(row, float) for word, *row in lines if word in words.index}
    every = np.stack(list(rows.values()))
    for word, number in words.index.items():
        begun = rows.get(word, np.zeros(3)) * 0.5 / every.std()
        near = 1e-6 if not tune else 0.01
        np.testing.assert_allclose(block[number].numpy(), begun, atol=near)
    exact = torch.tensor(np.stack([rows[w] * 0.5 / every.std() for w in rows])).float()
    now = torch.stack([block[words.index[w]] for w in rows])
    assert torch.allclose(now, exact, atol=1e-7) != tune


@pytest.mark.parametrize("tune", ["false", "true"])
def test_an_average_begins_with_what_the_file_holds(tmp_path, tune):
    path = word_file(tmp_path)
    options = ["average=0.999", f"text.tune={tune}", "lr=0.000001", "text.scale=0"]
    fit(recipe_of("vectors", path, *options), tmp_path, tmp_path / "run")
    trained = load(tmp_path / "run", CPU)
    row = trained.task._measured.words.index["dog"]
    given = path.read_text().splitlines()[1 + WORDS.index("dog")].split()[1:]
    kept = trained.task.text.table.file0[row].detach().numpy()
    np.testing.assert_allclose(kept, np.array(given, np.float32), atol=1e-4)


@pytest.mark.parametrize("gone", [False, True])
def test_resumed_equals_uninterrupted(tmp_path, gone):
    """Also without the file, where the recipe says which one it was."""
    path = word_file(tmp_path)
    options = ["text.tune=true", "average=0.9", "text.word_dropout=0.3", "text.vector_dropout=0.2"]
    recipe = recipe_of("vectors", path, *options)
    fit(recipe, tmp_path, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        fit(recipe, tmp_path, tmp_path / "run", progress=interrupted_at(2, 1))
    if gone:
        recipe = Plan.of(*world(recipe, tmp_path)[:2], recipe).recipe
        path.unlink()
    told = fit(recipe, tmp_path, tmp_path / "run")
    assert not [note for note in told if "words" in note]
    assert model(tmp_path / "run") == model(tmp_path / "whole")


def test_a_new_training_by_a_name_alone_is_refused(tmp_path):
    path = word_file(tmp_path)
    named = plan_of(recipe_of("vectors", path), tmp_path).recipe
    with pytest.raises(SettingError, match="needs the file of word vectors 3d-"):
        fit(named, tmp_path, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_file_that_changes_before_it_is_read_is_refused(tmp_path):
    path = word_file(tmp_path)
    plan = plan_of(recipe_of("vectors", path), tmp_path)
    word_file(tmp_path, seed=1)
    with pytest.raises(SettingError, match=r"v\.vec has changed in the meantime; run the same"):
        train(
            plan,
            tmp_path / "run",
            device=CPU,
            validate=lambda prediction: judge(prediction).scores(),
            progress=lambda *_, **__: None,
            given={},
        )
    assert not (tmp_path / "run").exists()


def test_files_that_will_not_do(tmp_path):
    with pytest.raises(SettingError, match=r"^text\.files: there is no file none\.txt; give"):
        plan_of(recipe_of("gru", "none.txt"), tmp_path)
    (tmp_path / "prose.txt").write_text("no\nvectors\n")
    with pytest.raises(InputError, match=r"prose\.txt holds no word vectors"):
        plan_of(recipe_of("lstm", tmp_path / "prose.txt"), tmp_path)
    strange = word_file(tmp_path, words=["hund", "katze"])
    with pytest.raises(InputError, match=r"has 0 of the vocabulary's 8 words; give vectors of"):
        fit(recipe_of("vectors", strange), tmp_path, tmp_path / "run")
    alike = tmp_path / "alike.vec"
    alike.write_bytes(vector_text(["dog", "red"], np.ones((2, 3), np.float32)))
    with pytest.raises(InputError, match="all alike"):
        fit(recipe_of("sum", alike), tmp_path, tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("encoder", ["vectors", "gru", "lstm"])
def test_a_word_needs_numbers(tmp_path, encoder):
    recipe = resolve({"text": {"name": encoder}}, [*SMALL, "word_dim=0"])
    with pytest.raises(SettingError, match="word_dim = 0: a word needs numbers"):
        fit(recipe, tmp_path, tmp_path / "run")


@pytest.mark.parametrize("encoder", ["vectors", "gru", "lstm"])
def test_the_file_alone_may_be_a_words_numbers(tmp_path, encoder):
    path = word_file(tmp_path)
    fit(recipe_of(encoder, path, "text.word_dim=0"), tmp_path, tmp_path / "run")
    table = table_of(load(tmp_path / "run", CPU), encoder)
    assert (table.width, table.learned) == (3, None)


def test_stems_and_pairs_are_not_looked_up(tmp_path):
    path = word_file(tmp_path, words=["dog", "~dog", "red dog"])
    recipe = recipe_of("vectors", path, "split=bag")
    told = fit(recipe, tmp_path, tmp_path / "run")
    assert f"{path} has 1 of the vocabulary's 8 words (12.5 %)" in told


def test_a_transformer_adds_what_it_maps_to_its_width(tmp_path):
    recipe = recipe_of("transformer", word_file(tmp_path), "text.scale=0")
    fit(recipe, tmp_path, tmp_path / "run")
    encoder = load(tmp_path / "run", CPU).task.text
    number = torch.arange(encoder.given.file0.shape[0])
    expected = encoder.embedding.weight * 2 + encoder.given.file0 @ encoder.enter.weight.T
    assert encoder.given.file0.any()
    torch.testing.assert_close(encoder._words(number), expected)
