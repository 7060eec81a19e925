"""Parts of a step in compiled form: the same numbers, in training alone, and one line if not."""

import pytest
import torch
from torch import nn

import train.computing
from core.errors import SettingError
from pipeline import recipe_files
from tests.interruption import interrupted_at, metrics
from tests.ranks import together
from tests.tiny import CPU, fit, narrow, world
from train.building import build
from train.computing import Computing, parts_of
from train.how import How, common
from train.identity import COMPUTED, read_config
from train.plan import Plan
from train.recipe import resolve
from train.record import MODEL

RECIPE = ("min_count=1", "embed_dim=6", "text.word_dim=4", "batch_size=7", "epochs=2", "lr=0.01")
COMPILED = How(compile=True)
LOSSY = [n for n in recipe_files.names() if resolve(recipe_files.read(n)).epochs]


@pytest.fixture
def forms(monkeypatch):
    """The graphs that torch's compiler was given; they run as they are."""
    seen = []

    def as_it_is(graph, inputs, **options):
        seen.append(graph)
        return graph.forward

    monkeypatch.setattr(train.computing, "BACKEND", as_it_is)
    torch.compiler.reset()
    yield seen
    torch.compiler.reset()


def built(folder, **sections):
    given = RECIPE if not sections else [each for each in RECIPE if "word_dim" not in each]
    recipe = resolve(sections, given)
    corpus, sources, modules = world(recipe, folder)
    return build(Plan.of(corpus, sources, recipe), modules, CPU)


def test_what_has_no_recurrent_network_is_compiled(tmp_path):
    learner = built(tmp_path).learner
    assert parts_of(learner.task, learner.losses) == [learner.task.image, *learner.losses.values()]
    bag = built(tmp_path, text={"name": "bag"}).learner
    assert bag.task.text in parts_of(bag.task, bag.losses)


def test_parts_are_so_inside_and_as_they_were_outside(forms):
    part = nn.Linear(3, 2)
    computing, rows = Computing(CPU, parts=[part]), torch.randn(5, 3)
    plain = part(rows)
    assert "forward" not in vars(part)
    with pytest.raises(KeyError), computing.compiled():
        raise KeyError(part.forward)
    assert "forward" not in vars(part)
    with computing.compiled():
        assert torch.equal(part(rows), plain)
    assert len(forms) == 1
    assert set(part.state_dict()) == {"weight", "bias"}


def test_a_training_learns_alike_with_the_same_random_numbers(tmp_path, forms):
    recipe = resolve({}, [*RECIPE, "image.crop=random", "image.dropout=0.3"])
    fit(recipe, tmp_path, tmp_path / "plain")
    assert forms == []
    fit(recipe, tmp_path, tmp_path / "run", how=COMPILED)
    assert forms
    ours, plain = (metrics(tmp_path / name) for name in ("run", "plain"))
    assert [row["loss"] for row in ours] == pytest.approx([row["loss"] for row in plain], rel=1e-5)
    assert read_config(tmp_path / "run")[COMPUTED] == {"compile": True}


@pytest.mark.parametrize("name", LOSSY)
def test_every_recipe_takes_a_step_so(tmp_path, forms, name):
    losses, raw = [], recipe_files.read(name)
    for how in (How(), COMPILED):
        recipe = resolve(raw, ("epochs=1", "batch_size=512", *narrow(raw)))
        run = tmp_path / f"{how.compile}"
        fit(recipe, tmp_path, run, how=how)
        losses.append([row["loss"] for row in metrics(run)])
    assert forms
    assert losses[1] == pytest.approx(losses[0], rel=1e-4)


def test_predictions_are_never_compiled(tmp_path, forms):
    fit(resolve({}, RECIPE), tmp_path, tmp_path / "run", how=COMPILED)
    many = len(forms)
    data = built(tmp_path)
    data.learner.task.predict(data.data.val)
    assert len(forms) == many


def test_what_cannot_be_compiled_is_one_line(tmp_path, monkeypatch):
    def broken(graph, inputs, **options):
        raise RuntimeError("there is no compiler")

    monkeypatch.setattr(train.computing, "BACKEND", broken)
    torch.compiler.reset()
    with pytest.raises(SettingError, match=r"there is no compiler.*leave --compile out \(of a run"):
        fit(resolve({}, RECIPE), tmp_path, tmp_path / "run", how=COMPILED)
    torch.compiler.reset()
    fit(resolve({}, RECIPE), tmp_path, tmp_path / "run")


def test_several_ranks_are_refused():
    for told in together(2, _compiling):
        assert told.startswith("--compile is for one process: train in one, or leave --compile out")


def _compiling(ranks):
    with pytest.raises(SettingError) as told:
        common(ranks, lambda: COMPILED)
    return str(told.value)


@pytest.mark.slow
def test_torchs_own_compiler_gives_the_same_resumed(tmp_path):
    recipe = resolve({}, [*RECIPE, "image.dropout=0.3"])
    fit(recipe, tmp_path, tmp_path / "plain")
    fit(recipe, tmp_path, tmp_path / "whole", how=COMPILED)
    torch.compiler.reset()
    with pytest.raises(KeyboardInterrupt):
        fit(
            recipe,
            tmp_path,
            tmp_path / "cut",
            how=COMPILED,
            progress=interrupted_at(1, 2),
            save_every=0,
        )
    torch.compiler.reset()
    fit(recipe, tmp_path, tmp_path / "cut")
    assert (tmp_path / "whole" / MODEL).read_bytes() == (tmp_path / "cut" / MODEL).read_bytes()
    whole, plain = (metrics(tmp_path / name) for name in ("whole", "plain"))
    assert [r["loss"] for r in whole] == pytest.approx([r["loss"] for r in plain], rel=1e-3)
