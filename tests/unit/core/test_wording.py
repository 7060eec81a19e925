"""Counts, times and names as a person reads them."""

import pytest

from core.wording import counted, lasting, one_line


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "0 captions"), (1, "1 caption"), (2, "2 captions"), (1500, "1,500 captions")],
)
def test_one_and_many(number: int, said: str) -> None:
    assert counted(number, "caption") == said


def test_a_plural_of_its_own() -> None:
    assert counted(2, "picture is", "pictures are") == "2 pictures are"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.0, "0 s"),
        (0.2, "1 s"),
        (59.1, "60 s"),
        (61.0, "2 min"),
        (3599.0, "1 h 0 min"),
        (47.5 * 3600, "47 h 30 min"),
        (48 * 3600, "2 days 0 h"),
    ],
)
def test_a_time(seconds: float, said: str) -> None:
    assert lasting(seconds) == said


def test_a_name_breaks_no_line() -> None:
    assert one_line("a\n\t\x1b[0m\x7f\u2029\udcff.jpg") == (
        "a\\n\\t\\x1b[0m\\x7f\\u2029\\udcff.jpg"
    )
    assert one_line("naïve 👩‍👩‍👧\u3000名") == "naïve 👩‍👩‍👧\u3000名"
