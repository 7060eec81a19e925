"""Schedules at moments worked by hand."""

import pytest

from core.plugins import load


def factor(name, epochs=10, **options):
    plugin = load("train.schedules", name)
    return plugin.build(plugin.Options(**options), epochs=epochs)


def test_constant():
    assert [factor("constant")(done, []) for done in (0.0, 3.7, 9.9)] == [1.0] * 3


@pytest.mark.parametrize(
    ("done", "share"),
    [(0, 0.0), (1, 0.5), (1.5, 0.75), (2, 1.0), (4, None), (6, 0.55), (10, 0.1)],
)
def test_cosine(done, share):
    # Eight epochs after the warm-up: after two of them 0.1 + 0.9 (1 + cos 45 degrees) / 2.
    expected = 0.1 + 0.9 * (1 + 0.5**0.5) / 2 if share is None else share
    assert factor("cosine", warmup=2, floor=0.1)(done, []) == pytest.approx(expected)


def test_after_its_epochs_cosine_stays_at_the_floor():
    assert factor("cosine", epochs=4, warmup=0, floor=0.1)(6.0, []) == pytest.approx(0.1)


def test_cosine_without_warm_up_begins_at_the_rate():
    assert factor("cosine", warmup=0)(0.0, []) == 1.0
    assert factor("cosine", epochs=1, warmup=1)(0.5, []) == 0.5


@pytest.mark.parametrize(("done", "share"), [(0, 0.001), (5, 0.5005), (10, 1.0), (30, 0.001)])
def test_cosine_warms_up_in_steps_from_a_share(done, share):
    # Of four steps an epoch, forty are ten epochs; half-way between 0.001 and 1 is 0.5005.
    made = factor("cosine", epochs=30, warmup_steps=40, warmup=1.0, start=0.001, floor=0.001)
    assert made(done, [], 4) == pytest.approx(share)


def test_a_warm_up_in_steps_takes_as_many_steps_whatever_an_epoch_has():
    made = factor("cosine", epochs=50, warmup_steps=20, start=0.0)
    for steps in (1, 3, 7):
        rates = [made(step / steps, [], steps) for step in range(21)]
        assert rates == pytest.approx([step / 20 for step in range(21)])


@pytest.mark.parametrize(
    ("scores", "falls"),
    [
        ([], 0),
        ([5, 4], 0),
        ([5, 4, 5], 1),
        ([5, 4, 5, 6, 5], 1),
        ([5, 4, 3, 2, 1], 2),
        ([1, 2, 3, 4, 5], 0),
    ],
)
def test_plateau(scores, falls):
    assert factor("plateau", patience=2, decay=0.5)(9.0, scores) == 0.5**falls
