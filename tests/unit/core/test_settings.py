"""Settings: defaults <- recipe <- --set."""

from typing import Literal

import pytest
from pydantic import Field

from core.errors import SettingError
from core.settings import Settings, keys, parse_assignments, validate


class Loss(Settings):
    name: Literal["hinge", "Order"] = "hinge"
    margin: float = Field(default=0.2, ge=0)


class Recipe(Settings):
    epochs: int = Field(default=30, gt=0)
    loss: Loss = Loss()
    shares: dict[str, float] = Field(default={})
    crops: Literal[1, 5] | None = None
    among: tuple[int, ...] = (1,)
    mirror: bool | None = None


OTHERS = ["shares", "crops", "among", "mirror"]


def nested(key: str, value: object) -> dict[str, object]:
    first, _, rest = key.partition(".")
    return {first: nested(rest, value) if rest else value}


def test_defaults_then_what_is_given() -> None:
    made = validate(Recipe, {"epochs": 3, "loss": {"margin": 0.5}}, "toy")
    assert made == Recipe(epochs=3, loss=Loss(name="hinge", margin=0.5))


def test_truth_values_where_they_belong() -> None:
    assert validate(Recipe, {"mirror": True}, "toy").mirror is True


def test_settings_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Recipe().epochs = 4


def test_keys_are_dotted() -> None:
    assert list(keys(Recipe)) == ["epochs", "loss.name", "loss.margin", *OTHERS]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"epoch": 3}, "toy: unknown key 'epoch': did you mean 'epochs'? accepted: "),
        ({"loss.margn": 3}, "toy: unknown key 'loss.margn': did you mean 'loss.margin' or"),
        ({"loss.name": "hing"}, "input should be 'hinge' or 'Order'"),
        ({"among": 16}, "toy: among = 16: several belong here; type '[1, 2]', or '[1]'"),
        ({"epochs": 0}, "toy: epochs = 0: input should be greater than 0; choose another value"),
        ({"loss.margin": float("nan")}, "toy: loss.margin = nan: input should be a finite number"),
        ({"loss.margin": "wide"}, "toy: loss.margin = 'wide': input should be a valid number"),
        ({"loss": 3}, "toy: loss = 3: input should be a valid"),
        ({"epochs": True}, "toy: epochs = True: true and false are no value here; choose another"),
        ({"loss.margin": False}, "toy: loss.margin = False: true and false are no value here"),
        ({"shares": {"a": True}}, "toy: shares = {'a': True}: true and false are no value here"),
        ({"among": [1, True]}, "toy: among = [1, True]: true and false are no value here"),
        ({"crops": True}, "toy: crops = True: true and false are no value here"),
        ({"epochs": 2.5}, "toy: epochs = 2.5: input should be a valid integer"),
    ],
)
def test_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(SettingError) as caught:
        validate(Recipe, nested(*next(iter(changes.items()))), "toy")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_values_are_json_or_plain_words() -> None:
    given = ["a=1", "b=0.5", "c=true", "d=hinge", 'e="3"', "f=[1, 2]", "g = x=y ", "h=", "a=2"]
    assert parse_assignments(given) == {
        "a": 2,
        "b": 0.5,
        "c": True,
        "d": "hinge",
        "e": "3",
        "f": [1, 2],
        "g": "x=y",
        "h": "",
    }


def test_a_number_that_is_too_long_stays_a_word() -> None:
    digits = "1" * 5000
    assert parse_assignments([f"a={digits}"]) == {"a": digits}


@pytest.mark.parametrize("text", ["", "key", "=3", "  =3"])
def test_an_assignment_without_key_or_equals(text: str) -> None:
    with pytest.raises(SettingError, match="write it as key=value"):
        parse_assignments([text])
