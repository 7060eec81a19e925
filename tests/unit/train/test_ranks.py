"""Trainings by several ranks: equal to one process, resumed by any number, written by one alone."""

from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file

from core.errors import SettingError
from core.records import Caption, Corpus, Image
from core.sources import StoredVectors
from evaluate.judge import judge
from pipeline import recipe_files
from tests.interruption import interrupted_at, metrics, untimed
from tests.plugin_folder import PARTS, added
from tests.ranks import together
from tests.tiny import CPU, world
from train.building import build, seeded
from train.following import follow
from train.identity import read_config
from train.plan import Plan
from train.ranks.ranks import ALONE
from train.ranks.share import Share
from train.ranks.told import Told
from train.ranks.visit import OwnVisit
from train.recipe import resolve
from train.training import train

SYSTEMS = ("captioner", "costly", "instance", "labelled", "tuned")
SMALL = ("embed_dim=6", "min_count=1", "text.word_dim=4", "optimiser.name=sgd", "lr=0.05")


def uneven(folder):
    """103 captions of 40 pictures to train on, and 6 of 3 to validate on."""
    splits = ["train"] * 40 + ["val"] * 3
    images = [Image(f"p{i:02d}", folder / f"p{i:02d}.jpg", s, ()) for i, s in enumerate(splits)]
    owners = [i % 40 for i in range(103)] + [40, 41, 42] * 2
    captions = [
        (f"p{i:02d}", Caption(f"p{i:02d}#{n}", f"a {'big ' * (n % 3)}thing {i % 7}"))
        for n, i in enumerate(owners)
    ]
    corpus = Corpus.build("uneven", images, captions)
    values = np.random.default_rng(0).normal(size=(len(images), 2, 7)).astype(np.float32)
    return corpus, {"image": StoredVectors([i.id for i in images], values, {"layer": "pooled"})}, {}


def trained(ranks, recipe, made, run, *, stop=None, seed=0):
    """Train or follow; what was said, and the numbers of the steps of each epoch."""
    corpus, sources, modules = made
    plan, said, steps = Plan.of(corpus, sources, recipe, seed), [], []

    def progress(epoch, step, many, **named):
        steps.append((epoch, step, many))
        if stop:
            stop(epoch, step, many)

    if not ranks.leads:
        follow(plan, device=CPU, ranks=ranks, modules=modules)
        return said, steps
    try:
        train(
            plan,
            run,
            device=CPU,
            validate=lambda prediction: judge(prediction).scores(),
            progress=progress,
            given={},
            modules=modules,
            say=said.append,
            ranks=ranks,
            save_every=0.0,
        )
    except KeyboardInterrupt:
        said.append("interrupted")
    return said, steps


def as_rows(run):
    return [untimed(row) for row in metrics(run)]


def assert_near(run, whole, near=1e-4):
    """The same numbers up to rounding, the same steps to the letter."""
    assert [row["examples"] for row in metrics(run)] == [row["examples"] for row in metrics(whole)]
    for row, other in zip(as_rows(run), as_rows(whole), strict=True):
        assert row == pytest.approx(other, rel=near)
    ours, theirs = (load_file(folder / "model.safetensors") for folder in (run, whole))
    assert ours.keys() == theirs.keys()
    for name, value in theirs.items():
        torch.testing.assert_close(ours[name], value, rtol=near, atol=near, msg=name)


def system(name):
    return resolve(recipe_files.read(name), ["optimiser.name=sgd", "optimiser.lr=0.05"])


def each_system(ranks, folder, worlds):
    for name, made in worlds.items():
        trained(ranks, system(name), made, folder / name / f"{ranks.count}")


def test_every_system_is_trained_as_by_one_process(tmp_path):
    """A decoder, a told sampler that looks, a loss with a classifier, labels, and a CNN."""
    with added(PARTS):
        for name in SYSTEMS:
            (tmp_path / name).mkdir()
        worlds = {name: world(system(name), tmp_path / name) for name in SYSTEMS}
        each_system(ALONE, tmp_path, worlds)
        together(3, each_system, tmp_path, worlds)
        for name in SYSTEMS:
            assert_near(tmp_path / name / "3", tmp_path / name / "1")


@pytest.mark.parametrize("count", [2, 4])
def test_uneven_data_ends_with_the_same_steps(count, tmp_path):
    recipe = resolve({}, [*SMALL, "epochs=2", "batch_size=32", "average=0.9", "crop=random"])
    trained(ALONE, recipe, uneven(tmp_path), tmp_path / "whole")
    results = together(count, trained, recipe, uneven(tmp_path), tmp_path / "run")
    assert results[0][1] == [(e, s, 4) for e in (1, 2) for s in (1, 2, 3, 4)]
    assert metrics(tmp_path / "run")[0]["examples"] == 103
    assert_near(tmp_path / "run", tmp_path / "whole")
    assert read_config(tmp_path / "run")["ranks"] == count


def in_turn(ranks, folder, recipe, made):
    """Each rank has a folder of its own, as on several machines."""
    return trained(ranks, recipe, made, folder / f"rank{ranks.rank}")


def test_rank_0_alone_writes(tmp_path):
    recipe = resolve({}, [*SMALL, "epochs=1"])
    together(2, in_turn, tmp_path, recipe, uneven(tmp_path))
    assert [folder.name for folder in tmp_path.iterdir()] == ["rank0"]


def part_of(run, recipe, made, moment):
    """One process, ended after the step ``moment``: a state is there."""
    said, _ = trained(ALONE, recipe, made, run, stop=interrupted_at(*moment))
    assert said[-1] == "interrupted"


def test_a_run_goes_on_with_another_number_of_ranks(tmp_path):
    recipe = resolve({}, [*SMALL, "epochs=3", "batch_size=32", "average=0.9", "crop=mixture"])
    made = uneven(tmp_path)
    trained(ALONE, recipe, made, tmp_path / "whole")
    part_of(tmp_path / "run", recipe, made, (2, 3))
    (said, steps), _ = together(2, trained, recipe, made, tmp_path / "run")
    assert steps[0] == (2, 4, 4)
    assert said[-1] == (
        f"{tmp_path / 'run'} was begun with 1 process, and goes on with 2: the same up to rounding"
    )
    assert_near(tmp_path / "run", tmp_path / "whole")


def test_what_is_drawn_by_each_rank_is_said(tmp_path):
    recipe = resolve({}, [*SMALL, "epochs=1", "batch_size=32", "image.dropout=0.5"])
    made = uneven(tmp_path)
    part_of(tmp_path / "run", recipe, made, (1, 2))
    (said, _), _ = together(2, trained, recipe, made, tmp_path / "run")
    assert said[-1].endswith("the same up to rounding, but for what image.dropout = 0.5 draws")


def test_resumed_by_as_many_ranks_equals_uninterrupted(tmp_path):
    """Dropout too: what a rank draws follows from the seed, the epoch, the step and the rank."""
    recipe = resolve({}, [*SMALL, "epochs=2", "batch_size=32", "image.dropout=0.3", "mixup=1"])
    made = uneven(tmp_path)
    together(2, trained, recipe, made, tmp_path / "whole")
    ended = partial(trained, stop=interrupted_at(2, 2, error=Ended))
    with pytest.raises(AssertionError, match="Ended"):
        together(2, ended, recipe, made, tmp_path / "run")
    together(2, trained, recipe, made, tmp_path / "run")
    assert as_rows(tmp_path / "run") == as_rows(tmp_path / "whole")
    ours, theirs = (load_file(tmp_path / n / "model.safetensors") for n in ("run", "whole"))
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


class Ended(Exception):
    """What ends rank 0; the others are ended with it."""


_OTHER = np.ones((43, 2, 7), dtype=np.float32)


def levelled(ranks, folder):
    """Rank 1 has another weight in its last bit: what both have then, and what was said."""
    said = ranks._say.__self__
    corpus, sources, modules = uneven(folder)
    with seeded(0, CPU):
        plan = Plan.of(corpus, sources, resolve({}, [*SMALL]))
        learner, _, _ = build(plan, modules, CPU, ranks)
    ranks.level(learner)
    alike = list(said)
    weight = learner.task.image.project.weight
    with torch.no_grad():
        weight[0, 0] += ranks.rank * 1e-6
    ranks.level(learner)
    return alike, said, weight[0, 0].item()


def test_what_rounding_made_another_is_that_of_rank_0(tmp_path):
    (before, said, weight), (_, _, other) = together(2, levelled, tmp_path)
    assert before == []
    assert said == ["rank 1 had rounded otherwise than rank 0: all go on with its weights"]
    assert weight == other


@settings(max_examples=60)
@given(
    st.lists(st.integers(0, 6), min_size=1, max_size=12), st.integers(1, 5), st.sampled_from([1, 2])
)
def test_shares_are_the_batch(group, count, many):
    """Each unit is one rank's, a picture too, and the order puts all back."""
    group = np.array(group)
    rows = np.random.default_rng(0).permutation(len(group))
    half = len(rows) // many
    units = np.stack([rows[k * half : (k + 1) * half] for k in range(many)], axis=1)
    if not half:
        return
    shares = [Share.of(units, group, rank, count) for rank in range(count)]
    given = [unit for share in shares for unit in share.own[: share.given].tolist()]
    assert np.array_equal(np.array(given)[shares[0].order], np.arange(half))
    pictures = [{tuple(group[units[u]]) for u in share.own[: share.given]} for share in shares]
    assert sum(map(len, pictures)) == len(set().union(*pictures)) == shares[0].total[2]
    for share in shares:
        assert share.sizes == tuple(each.given for each in shares)
        assert len(share.own) > 0
        assert np.array_equal(share.rows, units.T.reshape(-1)[share.read])
        known = np.unique(group[units], axis=0)[share.pictures]
        assert np.array_equal(known, np.unique(group[units[share.own]], axis=0))


def test_shares_of_single_captions_differ_by_one_at_most():
    for size in range(1, 40):
        for count in (2, 3, 4, 7):
            sizes = Share.of(np.arange(size)[:, None], np.arange(size), 0, count).sizes
            assert sum(sizes) == size
            assert max(sizes) - min(sizes) <= 1


def test_a_source_draws_for_its_rows_what_one_process_draws():
    units = np.array([[4], [1], [0], [3], [2]])
    whole = np.random.default_rng((7, 1, 2)).random((5, 9))
    for rank in range(3):
        share = Share.of(units, np.arange(5), rank, 3)
        visit = OwnVisit(np.random.PCG64((7, 1, 2)), share)
        assert np.array_equal(visit.random((len(share.rows), 9)), whole[share.own])
        with pytest.raises(SettingError, match="3 rows of [12] that are read; train in one proc"):
            visit.random((3, 9))
        with pytest.raises(SettingError, match=r"draws by `integers`, and several ranks know"):
            visit.integers(3)


def test_what_is_told_comes_back_to_the_bit():
    facts = {"a": [0.1, 1e-300, float("inf")], "b": None}
    told = Told(facts, {"x": torch.arange(3), "y": torch.rand(2, dtype=torch.float64)})
    again = Told.of_bytes(told.to_bytes())
    assert again.facts == facts
    assert again.tensors.keys() == {"x", "y"}
    assert all(torch.equal(again.tensors[name], told.tensors[name]) for name in told.tensors)
    assert Told.of_bytes(Told(None).to_bytes()) == (None, {})


def test_other_data_in_a_rank_is_refused(tmp_path):
    recipe = resolve({}, [*SMALL, "epochs=1"])
    with pytest.raises(AssertionError, match=r"rank 1 has not what rank 0 is to train: .* same fi"):
        together(2, with_others, recipe, tmp_path)


def with_others(ranks, recipe, folder):
    corpus, sources, modules = uneven(folder)
    if ranks.rank == 1:
        sources = {"image": StoredVectors([i.id for i in corpus.images], _OTHER, {"layer": "no"})}
        return trained(ranks, recipe, (corpus, sources, modules), folder / "run")
    ranks.agreed("what rank 0 has", 1)
    return None
