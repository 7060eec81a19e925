"""What a recipe wants and was not given, against caches that were made by hand."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.store import FeatureWriter
from extract.settings import FeatureSettings
from pipeline.refusals.other_caches import other_caches
from pipeline.typed.by_make import ASKED_BY
from tests.caches import fields_of

PICTURES = [("a.jpg", "f" * 64)]
RECIPE = """
[features.whole]
backbone = "mobilenet_v2"
transform = "224:224"
[features.large]
backbone = "mobilenet_v2"
transform = "288:288"
crops = 1
keep = "all"
[features.each]
weights = "DEFAULT"
transform = "224:224"
"""


@pytest.fixture(autouse=True)
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.toml").write_text(RECIPE)


def cache(settings: dict[str, Any] | None) -> Path:
    fields = fields_of(PICTURES, {"pooled": [2]}, settings=str(settings))
    with FeatureWriter.open(
        Path("features"), "c", fields, PICTURES, shard_size=4, made_with={"settings": settings}
    ) as writer:
        writer.commit(0, {"pooled": np.ones((1, 1, 2), np.float32)}, {})
        return writer.finish()


def made(**settings: Any) -> dict[str, Any]:
    return FeatureSettings.model_validate(settings).model_dump()


WHOLE = made(backbone="mobilenet_v2", transform="224:224", crops=2)
LARGE = made(backbone="mobilenet_v2", transform="288:288", crops=1)


def told(*settings: dict[str, Any] | None) -> list[str]:
    return other_caches("mine.toml", [cache(each) for each in settings])


def test_nothing_is_said_of_all_that_it_wants() -> None:
    assert told(WHOLE, LARGE) == []


def test_what_is_lacking_is_named_with_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    rest = "all DATA --to train --recipe mine.toml makes and takes them all"
    assert told(WHOLE) == [
        f"mine.toml wants features.large too, not given here; python -m pipeline {rest}"
    ]
    monkeypatch.setenv(ASKED_BY, "make")
    (line,) = told(LARGE)
    assert line == (
        "mine.toml wants features.whole and features.each too, not given here; make train "
        "RECIPE=mine.toml makes and takes them all"
    )


def test_a_table_without_a_backbone_is_wanted_of_each() -> None:
    other = made(backbone="vgg19", transform="224:224", weights="random")
    (line,) = told(WHOLE, LARGE, other)
    assert "wants features.each too" in line
    assert told(WHOLE, LARGE, other | {"weights": "DEFAULT"}) == []


def test_a_file_of_weights_may_lie_anywhere_and_more_layers_may_be_there() -> None:
    file = WHOLE | {"weights": "/there/m.pth"}
    assert told(file, LARGE) == []


def test_a_cache_that_does_not_tell_how_it_was_made() -> None:
    assert told(None) == []
    assert told(WHOLE, None) == []
    assert told({"backbone": 3}) == []


def test_a_recipe_that_wants_nothing() -> None:
    assert other_caches("vse++", [cache(None)]) == []
