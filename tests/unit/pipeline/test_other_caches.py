"""What a recipe wants and was not given, against caches that were made by hand."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.store import FeatureWriter
from extract.settings import FeatureSettings
from pipeline.refusals.other_caches import by_all, in_a_sweep, other_caches
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
    typed = ("--seed", "2", "--set", "about=a b")
    way = by_all(Path("my photos"), "mine.toml", typed)
    return other_caches("mine.toml", [cache(each) for each in settings], way)


def test_nothing_is_said_of_all_that_it_wants() -> None:
    assert told(WHOLE, LARGE) == []


ALL = "python -m pipeline all 'my photos' --to train --recipe mine.toml"
REST = "--seed 2 --set 'about=a b' makes and takes them all"


def test_what_is_lacking_is_named_with_the_way() -> None:
    assert told(WHOLE) == [
        f"mine.toml wants features.large too, not given here; {ALL} {REST}",
    ]
    (line,) = told(LARGE)
    assert line.startswith("mine.toml wants features.whole and features.each too, not given here; ")


def test_what_made_the_caches_stands_in_the_way_but_what_the_recipe_says() -> None:
    own = {"weights": "/there/a,b.pth", "dtype": "float16"}
    (line,) = told(WHOLE | own)
    assert line.endswith(f"{ALL} --weights /there/a,,b.pth --dtype float16 {REST}")
    (line,) = other_caches("mine.toml", [cache(WHOLE | own)], in_a_sweep)
    assert line.endswith(
        'features = { weights = "/there/a,,b.pth", dtype = "float16" } in the place of cache makes '
        "and takes them all"
    )
    (line,) = other_caches("mine.toml", [cache(WHOLE)], in_a_sweep)
    assert "; features = {} in the place of cache makes" in line


def test_backbones_of_a_recipe_that_names_none_stand_in_the_way() -> None:
    Path("mine.toml").write_text("[features.a]\ncrops = 2\n[features.b]\ntransform = '288:288'\n")
    (line,) = told(made(backbone="vgg19", crops=2, weights="random"))
    assert f"{ALL} --backbone vgg19 --weights random {REST}" in line


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
    assert other_caches("vse++", [cache(None)], in_a_sweep) == []
