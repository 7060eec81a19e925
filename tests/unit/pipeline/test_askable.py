"""Which layers a recipe reads, and whether the features that are to be made have them."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from core.errors import SettingError
from extract.settings import FeatureSettings
from pipeline.memory.known import Known
from pipeline.refusals import askable
from pipeline.stages.terms import Lesson


def asked(monkeypatch: pytest.MonkeyPatch, work: Path, layer: str, *reads: str) -> None:
    """Ask whether a recipe that reads these may be trained on features of ``layer``."""
    outline = SimpleNamespace(sources=dict(enumerate(reads)))
    monkeypatch.setattr(askable, "outline_of", lambda *given: outline)
    features = FeatureSettings(layer=layer, keep="all")
    askable.require_trainable(Lesson(recipe="mine"), [features], Known(work))


@pytest.mark.parametrize(
    ("layer", "reads"),
    [
        ("pooled", ("pooled",)),
        ("scores,pooled", ("pooled",)),
        ("pooled,grid", ("grid", "pooled")),
        ("pooled", ("pooled", "sentences")),
        ("pooled", ()),
    ],
)
def test_layers_that_are_read_are_enough(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, layer: str, reads: tuple[str, ...]
) -> None:
    asked(monkeypatch, tmp_path, layer, *reads)


@pytest.mark.parametrize(
    ("layer", "reads", "give"),
    [
        ("pooled", ("scores",), "scores"),
        ("grid,pooled", ("scores",), "scores"),
        ("pooled", ("scores", "pooled"), "pooled,scores"),
        ("grid", ("pooled", "sentences"), "pooled"),
        ("pooled", ("waves",), "waves"),
    ],
)
def test_others_are_refused_with_what_to_give(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, layer: str, reads: tuple[str, ...], give: str
) -> None:
    told = f"mine reads the layer '{give}', and .* of the layer '{layer}'; give --layer {give}, or"
    with pytest.raises(SettingError, match=told) as refused:
        asked(monkeypatch, tmp_path, layer, *reads)
    some = set(reads) & set(layer.split(","))
    fewer = f"or let it read less: --set task.layer={','.join(sorted(some))}"
    assert (fewer in str(refused.value)) == bool(some)


def test_what_reads_pictures_is_told_of_its_own_way(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(SettingError, match="train --from RUN --data DATA --recipe vse"):
        asked(monkeypatch, tmp_path, "pooled", "pixels")
