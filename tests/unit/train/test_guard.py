"""A collapse is told of and, under guard, left; a training that is well is never stopped for it."""

from collections import Counter

import numpy as np
import pytest
import torch
from torch.nn.functional import normalize

from core.errors import SettingError
from core.records import Caption, Corpus, Image
from core.sources import StoredVectors
from evaluate.judge import judge
from tests.interruption import assert_same_run, interrupted_at, metrics
from train.building import build
from train.collapse import GENTLE, Collapse, add_gentle
from train.guard import GUARDED, PLATEAU, STEPS, Guard
from train.losses import hinge, infonce, selective, semi_hard, triplet
from train.measured import Measured
from train.phases import build_phases
from train.plan import Plan
from train.recipe import resolve
from train.training import train

CPU = torch.device("cpu")
COLOURS = ("red", "green", "blue", "black", "white", "grey")
THINGS = ("dog", "ball", "car", "tree", "cat", "cup")
SMALL = (
    *("min_count=1", "embed_dim=16", "word_dim=8", "batch_size=12", "image.normalise=true"),
    *("lr=0.03", "schedule.every=1000"),
)
APART = "same_image_negatives=false"
WARM = {
    "loss": {"all": {"name": "hinge", "negatives": "all"}, "hardest": {"name": "hinge"}},
    "phase": {
        "warm": {"epochs": 3, "loss": {"all": 1.0}},
        "main": {"loss": {"hardest": 1.0}},
    },
}


def world(folder, *, alike):
    """36 kinds of pictures, a direction for each colour and thing, and ``alike`` one for all."""
    draw = np.random.default_rng(0)
    colours, things = draw.normal(size=(6, 16)), draw.normal(size=(6, 16))
    shared = alike * draw.normal(size=16)
    kinds = [(i % 6, i // 6 % 6) for i in range(108)]
    images = [
        Image(f"p{i:03d}", folder / f"p{i:03d}.jpg", "train" if i < 72 else "val")
        for i in range(len(kinds))
    ]
    captions = [
        (f"p{i:03d}", Caption(f"p{i:03d}#{n}", f"{'the ' * n}{COLOURS[c]} {THINGS[t]}"))
        for i, (c, t) in enumerate(kinds)
        for n in range(2)
    ]
    values = [shared + colours[c] + things[t] + 0.3 * draw.normal(size=16) for c, t in kinds]
    vectors = np.array(values, dtype=np.float32)[:, None]
    stored = StoredVectors([image.id for image in images], vectors, {"layer": "pooled"})
    return Corpus.build("kinds", images, captions), {"image": stored}


def fit(tmp_path, run, *settings, recipe=None, alike=6.0, progress=None, save_every=600.0):
    """Train; what was said."""
    said = []
    corpus, sources = world(tmp_path, alike=alike)
    chosen = resolve(recipe or {}, [*SMALL, APART, *settings])
    train(
        Plan.of(corpus, sources, chosen, 0),
        tmp_path / run,
        device=CPU,
        validate=lambda prediction: judge(prediction).scores(),
        progress=progress or (lambda *_, **__: None),
        given={},
        save_every=save_every,
        say=said.append,
    )
    return said


def test_a_collapse_is_told_of_once_and_left_under_guard(tmp_path):
    """Before the guard acts both trainings are one; where they part hangs on the last bits."""
    plain = fit(tmp_path, "plain", "epochs=12")
    [line] = [told for told in plain if "all vectors are alike" in told]
    assert "steps at a loss of 0.2, " in line
    assert "guard=true, another lr" in line
    stuck = metrics(tmp_path / "plain")
    [first, *_] = [int(row["epoch"]) for row in stuck if row.get(PLATEAU, 0) >= STEPS]
    assert line.startswith(f"epoch {first}: ")
    assert all(GUARDED not in row for row in stuck)
    assert all(abs(row["mean_loss"] - 0.2) < 0.01 for row in stuck[2:])

    guarded = fit(tmp_path, "guarded", "epochs=12", "guard=true")
    assert len([told for told in guarded if "all vectors are alike" in told]) == 1
    assert [told for told in guarded if told.startswith(f"epoch {first + 1}: every negative")]
    left = metrics(tmp_path / "guarded")
    assert [row["epoch"] for row in left if GUARDED in row] == [first + 1]
    assert [row["score"] for row in left[:first]] == [row["score"] for row in stuck[:first]]
    assert left[-1]["mean_loss"] < 0.8 * stuck[-1]["mean_loss"]


def test_resumed_under_guard_equals_uninterrupted(tmp_path):
    """Interrupted in the epoch that is told of, twice in that under guard, and after it."""
    settings = ("epochs=9", "guard=true")
    fit(tmp_path, "whole", *settings)
    [guarded] = [int(row["epoch"]) for row in metrics(tmp_path / "whole") if GUARDED in row]
    for moment in ((guarded - 1, 12), (guarded, 1), (guarded, 5), (9, 2)):
        stop = interrupted_at(*moment)
        with pytest.raises(KeyboardInterrupt):
            fit(tmp_path, "run", *settings, progress=stop, save_every=0.0)
    fit(tmp_path, "run", *settings)
    assert_same_run(tmp_path / "run", tmp_path / "whole")


def test_a_training_that_is_well_is_not_stopped(tmp_path):
    """Warmed up on features that differ, it passes the plateau's value on its way."""
    said = fit(tmp_path, "run", "epochs=10", "guard=true", recipe=WARM, alike=1.0)
    rows = metrics(tmp_path / "run")
    assert rows[-1]["mean_loss"] < 0.1
    assert not [told for told in said if "alike" in told or "every negative" in told]
    assert all(GUARDED not in row for row in rows)


def built(part, **options):
    return part.build(part.Options(**options), measured=Measured(shapes={"image": (1, 7)}), dim=6)


def every(scores, ids, *, margin, same, share):
    """Each pair's hinge against each of its negatives, by loops in float64."""
    many = len(ids)
    costs = []
    for i in range(many):
        ways = []
        for other in (scores[i], scores[:, i]):
            others = [j for j in range(many) if (j != i if same else ids[j] != ids[i])]
            hinges = [max(0.0, margin - scores[i, i] + other[j]) for j in others]
            ways.append(sum(hinges) / max(1, len(hinges)))
        costs.append(share * sum(ways))
    return np.array(costs)


HARD = [
    (hinge, {"margin": 0.3}),
    (hinge, {"margin": 0.2, "same_image_negatives": False}),
    (selective, {"margin": 0.3}),
    (semi_hard, {"margin": 0.3}),
    (semi_hard, {"margin": 0.2, "same_image_negatives": True}),
]


@pytest.mark.parametrize(("part", "options"), HARD)
def test_what_a_loss_says_of_its_collapse_is_so(part, options):
    draw, many = torch.Generator().manual_seed(0), 128
    one = torch.randn(1, 6, generator=draw, dtype=torch.float64)
    sides = [one + 1e-4 * torch.randn(many, 6, generator=draw) for _ in range(2)]
    image, caption = (normalize(side, dim=1) for side in sides)
    ids = torch.arange(many)
    loss = built(part, **options)
    told = loss.collapse()
    for form in (loss, told.gentle):
        value = form(image, caption, ids)
        mean = value / form.summed(ids) if hasattr(form, "summed") else value.mean()
        assert mean.item() == pytest.approx(told.value, rel=0.02)
    assert told.gentle(image, caption, ids).shape == loss(image, caption, ids).shape


@pytest.mark.parametrize(("part", "options"), HARD)
@pytest.mark.parametrize("ids", [[0, 1, 2, 3, 4], [0, 0, 1, 2, 1], [3, 3, 3], [7]])
def test_the_gentle_form_is_the_hinge_against_every_negative(part, options, ids):
    draw = torch.Generator().manual_seed(1)
    sides = [torch.randn(len(ids), 6, generator=draw, dtype=torch.float64) for _ in range(2)]
    image, caption = (normalize(side, dim=1) for side in sides)
    loss = built(part, **options)
    same = loss.options.same_image_negatives
    value = loss.collapse().gentle(image, caption, torch.tensor(ids))
    share = 0.5 if part is selective else 1.0
    scores = (image @ caption.T).numpy()
    slow = every(scores, ids, margin=options["margin"], same=same, share=share)
    if part is hinge:
        negatives = [
            sum(j != i if same else x != y for j, y in enumerate(ids)) for i, x in enumerate(ids)
        ]
        slow = (slow * negatives).sum()
    np.testing.assert_allclose(value.numpy(), slow, rtol=1e-12, atol=1e-12)


def test_the_gentle_form_scores_as_its_loss_does():
    for part in (hinge, selective, semi_hard):
        loss = built(part)
        loss.similarity = "order"
        assert loss.collapse().gentle.similarity == "order"


def test_other_losses_say_nothing_of_a_collapse():
    assert built(hinge, negatives="all").collapse() is None
    assert not hasattr(built(infonce), "collapse")
    assert not hasattr(built(triplet), "collapse")


@pytest.mark.parametrize("sets", [("loss=infonce",), ("loss.hinge.negatives=all",)])
def test_a_guard_of_nothing_is_refused(tmp_path, sets):
    recipe = resolve({"loss": {"hinge": {"name": "hinge"}}}, [*sets, "guard=true", *SMALL])
    corpus, sources = world(tmp_path, alike=1.0)
    with pytest.raises(SettingError, match=r"guard = true: no loss .*; leave it out, or choose"):
        build(Plan.of(corpus, sources, recipe, 0), {}, CPU)


def watched(*settings, guard):
    recipe = resolve({}, [APART, *settings])
    losses = torch.nn.ModuleDict({"hinge": built(hinge)})
    if guard:
        add_gentle(losses)
    said = []
    [phase] = build_phases(recipe)
    return Guard(losses, said.append), phase, said


CLOSE = {"similarity_positive": 0.5, "similarity_negative": 0.51}


def look(guard, phase, means, history, **row):
    """The history with one epoch more."""
    whole = {"epoch": len(history) + 1, **CLOSE, **row}
    return [*history, whole | guard.look(phase, means, whole, history)]


def test_steps_on_the_plateau_are_counted_through_short_epochs():
    guard, phase, said = watched(guard=False)
    history = []
    for _ in range(8):
        history = look(guard, phase, [0.2] * 10, history)
    assert [row[PLATEAU] for row in history] == [10, 20, 30, 40, 50, 60, 70, 80]
    assert len(said) == 1
    assert said[0].startswith("epoch 5: 50 steps")
    history = look(guard, phase, [0.2] * 3 + [0.19] + [0.2] * 6, history)
    assert history[-1][PLATEAU] == 6


@pytest.mark.parametrize(
    ("means", "row"),
    [
        ([0.2] * STEPS, {"similarity_negative": 0.53}),
        ([0.2] * STEPS + [0.19], {}),
        ([0.3] * 60 + [0.2] * STEPS, {}),
        ([0.4 - 0.002 * step for step in range(200)], {}),
        ([], {}),
    ],
)
def test_what_is_no_collapse(means, row):
    guard, phase, said = watched(guard=True)
    [told] = look(guard, phase, means, [], **row)
    assert PLATEAU not in told
    assert guard.phase(phase, [told]) is phase
    assert not said


def test_without_similarities_the_loss_alone_tells():
    guard, phase, said = watched(guard=False)
    assert guard.look(phase, [0.2] * STEPS, {"epoch": 1}, []) == {PLATEAU: STEPS}
    assert said
    assert "right pairs" not in said[0]


def test_a_phase_of_a_loss_that_says_nothing_is_left_alone():
    guard, phase, said = watched(guard=True)
    mixed = phase.__class__(**{**vars(phase), "losses": {"hinge": 1.0, "other": 1.0}})
    assert guard.look(mixed, [0.2] * STEPS, {"epoch": 1, **CLOSE}, []) == {}
    collapsed = [{"epoch": 1, PLATEAU: STEPS}]
    assert guard.phase(mixed, collapsed) is mixed
    assert not said
    assert guard.phase(phase, collapsed).losses == {f"hinge{GENTLE}": 1.0}
    assert Counter(guard.phase(phase, []).losses) == {"hinge": 1.0}


def test_the_plateau_of_several_losses_is_their_weighted_sum():
    class Other(torch.nn.Module):
        def collapse(self):
            return Collapse(1.5, Other())

    said = []
    guard = Guard(torch.nn.ModuleDict({"hinge": built(hinge), "other": Other()}), said.append)
    [phase] = build_phases(resolve({}))
    both = phase.__class__(**{**vars(phase), "losses": {"hinge": 0.5, "other": 2.0}})
    row = {"epoch": 1, **CLOSE}
    assert guard.look(both, [3.1] * STEPS, row, []) == {PLATEAU: STEPS}
    assert guard.look(both, [0.2] * STEPS, row, []) == {}
