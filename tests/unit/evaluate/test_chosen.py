"""Which measures, and with which options."""

import pytest

from core.errors import SettingError
from evaluate.chosen import chosen, depths


def test_what_is_given_goes_before_what_is_usual_and_that_before_the_default() -> None:
    usual = {"recall": {"k": [1]}, "median_rank": {}}
    names = ["recall", "mean_rank"]
    assert chosen(names, {})["recall"].model_dump() == {"k": (1, 5, 10)}
    assert chosen(names, {}, usual)["recall"].model_dump() == {"k": (1,)}
    found = chosen(names, {"recall": {"k": [2, 3]}}, usual)
    assert found["recall"].model_dump() == {"k": (2, 3)}
    assert list(found) == names


def test_what_is_not_measured_has_no_options() -> None:
    with pytest.raises(SettingError, match="options of 'recall', which is not measured; add it"):
        chosen(["mean_rank"], {"recall": {"k": [1]}})


def test_the_depths_are_those_of_the_recalls_that_are_measured() -> None:
    assert depths(chosen(["mean_rank"], {})) == ()
    assert depths(chosen(["recall"], {"recall": {"k": [3, 2]}})) == (3, 2)
