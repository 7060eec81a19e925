"""Every schedule is a pure function from (epochs done, scores) to a finite share of the rate."""

import itertools
import math

import pytest

from core.errors import SettingError
from core.plugins import load, names
from train.recipe import resolve

PACKAGE = "train.schedules"
SCHEDULES = names(PACKAGE)
SCORES = {
    "none": [],
    "one": [3.0],
    "rising": [float(n) for n in range(60)],
    "falling": [-float(n) for n in range(60)],
    "standing": [2.0] * 60,
}


def moments(epochs):
    """The beginning, the middle and nearly the end of each epoch."""
    return [epoch + part for epoch in range(epochs) for part in (0.0, 0.5, 0.999)]


@pytest.fixture(params=SCHEDULES)
def name(request):
    return request.param


def build(name, epochs):
    plugin = load(PACKAGE, name)
    return plugin.build(plugin.Options(), epochs=epochs)


@pytest.mark.parametrize("epochs", [1, 2, 50])
@pytest.mark.parametrize("scores", SCORES.values(), ids=SCORES.keys())
def test_the_share_is_finite_and_not_negative(name, epochs, scores):
    factor = build(name, epochs)
    shares = [factor(done, scores) for done in moments(epochs)]
    assert all(isinstance(share, float) and math.isfinite(share) for share in shares)
    assert min(shares) >= 0
    assert max(shares) > 0


def test_the_same_arguments_give_the_same_share_whatever_was_asked_before(name):
    asked = list(itertools.product(moments(6), SCORES.values()))
    factor = build(name, 6)
    forwards = [factor(done, scores) for done, scores in asked]
    backwards = [factor(done, scores) for done, scores in reversed(asked)]
    assert forwards == backwards[::-1]
    assert forwards == [build(name, 6)(done, scores) for done, scores in asked]


def test_the_scores_are_left_as_they_were(name):
    scores = [1.0, 3.0, 2.0]
    build(name, 4)(3.0, scores)
    assert scores == [1.0, 3.0, 2.0]


def test_unknown_options_are_refused(name):
    with pytest.raises(SettingError, match=r"schedule\.nonsense"):
        resolve({"schedule": {"name": name, "nonsense": 1}})
