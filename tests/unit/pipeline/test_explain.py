"""What may be set, in words: each kind of field, with its value and its default."""

from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from core.settings import Settings
from pipeline.said.explain import MISSING, Row, rows, words


class Shape(Enum):
    ROUND = "round"
    FLAT = "flat"


class Inner(Settings):
    rate: float = Field(0.5, gt=0, lt=1, description="how fast")
    loud: bool = Field(False, description="whether it says so")


class Outer(Settings):
    shape: Shape = Field(Shape.FLAT, description="which")
    inner: Inner = Inner()
    weights: dict[str, float] = Field({}, description="by name")
    members: dict[str, Inner] = Field({}, description="sections of their own")
    size: tuple[int, ...] = Field((1, 2), description="sizes")


class Strict(BaseModel):
    needed: int = Field(description="what only its owner knows")
    inner: Inner


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (Literal["hardest", "all"], "hardest or all"),
        (Literal[1, 5, 10], "1, 5 or 10"),
        (Literal[0], "0"),
        (Literal[True, "auto"], "true or auto"),
        (bool, "true or false"),
        (int, "a whole number"),
        (Annotated[int, Field(ge=1)], "a whole number from 1"),
        (Annotated[int, Field(ge=1, le=9)], "a whole number from 1 up to 9"),
        (Annotated[float, Field(gt=0)], "a number above 0"),
        (Annotated[float, Field(ge=0, lt=1)], "a number from 0 up to but not 1"),
        (Annotated[float, Field(gt=0, le=1)], "a number above 0 up to 1"),
        (Annotated[float, Field(le=0.5)], "a number up to 0.5"),
        (str, "text"),
        (int | None, "a whole number, or left out"),
        (int | Literal["auto"], "a whole number, or auto"),
        (tuple[str, ...], "a list, each text"),
        (list[Annotated[int, Field(ge=1)]], "a list, each a whole number from 1"),
        (tuple[int, float], "a list: a whole number, a number"),
        (dict[str, float], "a table, each a number"),
        (Shape, "round or flat"),
        (Path, "a path"),
        (Any, "any value"),
        (Inner, "Inner"),
    ],
)
def test_what_is_accepted(kind: Any, told: str) -> None:
    assert words(kind) == told


def test_a_bound_of_an_optional_field_is_told() -> None:
    class Maybe(Settings):
        epochs: int | None = Field(None, ge=1, description="so many")

    (row,) = rows(Maybe)
    assert row == Row("epochs", None, None, "a whole number from 1, or left out", "so many")


def test_sections_and_tables_of_sections_are_told_key_by_key() -> None:
    given = Outer(
        shape=Shape.ROUND,
        inner=Inner(rate=0.25),
        weights={"a": 1.0},
        members={"one": Inner(loud=True)},
    )
    told = [(row.key, row.value, row.default) for row in rows(Outer, given)]
    assert told == [
        ("shape", "round", "flat"),
        ("inner.rate", 0.25, 0.5),
        ("inner.loud", False, False),
        ("weights", {"a": 1.0}, {}),
        ("members.one.rate", 0.5, 0.5),
        ("members.one.loud", True, False),
        ("size", [1, 2], [1, 2]),
    ]


def test_without_an_object_the_defaults_are_told_behind_a_prefix() -> None:
    told = {row.key: row.value for row in rows(Outer, prefix="x.")}
    assert told == {
        "x.shape": "flat",
        "x.inner.rate": 0.5,
        "x.inner.loud": False,
        "x.weights": {},
        "x.members": {},
        "x.size": [1, 2],
    }


def test_a_key_that_must_be_given_has_no_value() -> None:
    told = {row.key: row.value for row in rows(Strict)}
    assert told == {"needed": MISSING, "inner.rate": 0.5, "inner.loud": False}
