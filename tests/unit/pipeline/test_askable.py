"""Which layers a recipe reads, and whether the features that are to be made have them."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from core.errors import SettingError, TencropError
from extract.settings import FeatureSettings
from pipeline.memory.known import Known
from pipeline.refusals import askable
from pipeline.stages.terms import Lesson, Question


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


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"ties": True}, "--ties is no option of the protocol extended.*leave it out"),
        ({"least": 2.0}, "--least 2.0 is of --positives FILE; give both, or neither"),
        ({"least": float("nan")}, "--least nan is no score"),
        ({"positives": ["a.csv", "a.csv"]}, "given twice; give it once"),
        ({"positives": ["a.csv", "b.csv"]}, "given twice; give it once"),
        ({"positives": ["scored.csv"], "least": 6.0}, "scored.csv names no right.*none of 6"),
    ],
)
def test_a_question_by_right_answers_is_refused_before_there_are_features(
    given: dict[str, Any], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.csv", "b.csv"):
        Path(name).write_text("image,caption\nx,y\n")
    Path("scored.csv").write_text("image,caption,score\nx,y,5\n")
    files = [Path(name) for name in given.get("positives", ())]
    with pytest.raises(TencropError, match=said):
        askable.require_known(Question(protocol="extended", **{**given, "positives": files}))


def test_ties_are_asked_of_the_protocols_that_tell_them() -> None:
    for protocol in (None, "retrieval", "folds"):
        askable.require_known(Question(protocol=protocol, ties=True))
