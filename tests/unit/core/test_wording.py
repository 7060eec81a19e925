"""Counts as a person says them."""

import pytest

from core.wording import counted


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 captions"), (1, "1 caption"), (2, "2 captions")]
)
def test_one_and_many(number: int, said: str) -> None:
    assert counted(number, "caption") == said


def test_a_plural_of_its_own() -> None:
    assert counted(2, "picture is", "pictures are") == "2 pictures are"
