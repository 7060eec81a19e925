"""The picture that a training leaves, and the one that is asked for."""

import shutil
from pathlib import Path

import pytest

from tests.e2e.conftest import SMALL, Chain, Type
from tests.interruption import flip

TRAIN = (*SMALL, "--seed", 5)


def test_a_training_leaves_its_curves_and_one_that_lacks_them_is_given_them(
    tencrop: Type, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("train", chain.cache, "--data", chain.data, *TRAIN, "--work", chain.work)
    said = tencrop(*words)
    assert said.code == 0
    picture = Path(said.last) / "curves.png"
    drawn = picture.read_bytes()
    for change in (lambda: picture.unlink(), lambda: flip(picture, 900)):
        change()
        assert tencrop(*words).code == 0
        assert picture.read_bytes() == drawn
    monkeypatch.setattr("pipeline.plots.curves.draw_curves", None)  # what is there is left
    assert "not drawn" not in tencrop(*words).err


def test_what_went_on_after_an_interruption_has_the_same_curves(
    tencrop: Type, chain: Chain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("train", chain.cache, "--data", chain.data, *TRAIN, "--work")
    whole = Path(tencrop(*words, chain.work).last)
    real, judged = __import__("pipeline.fitting").fitting.judge, []

    def once(*given: object, **named: object) -> object:
        judged.append(1)
        if len(judged) == 2:
            raise KeyboardInterrupt
        return real(*given, **named)

    with monkeypatch.context() as patched:
        patched.setattr("pipeline.fitting.judge", once)
        assert tencrop(*words, tmp_path).code == 130
    cut = tmp_path / "runs" / whole.name
    assert not (cut / "curves.png").exists()
    asked = tencrop("run", "curves", cut, "--work", tmp_path)
    assert (asked.code, asked.last) == (0, str(cut / "curves.png"))
    one = (cut / "curves.png").read_bytes()
    assert tencrop(*words, tmp_path).code == 0
    assert one != (cut / "curves.png").read_bytes() == (whole / "curves.png").read_bytes()


def test_curves_are_drawn_elsewhere_and_verified_and_removed_with_their_run(
    tencrop: Type, chain: Chain, tmp_path: Path
) -> None:
    out = tmp_path / "a folder" / "mine.png"
    assert tencrop("run", "curves", chain.run, "--out", out).last == str(out)
    assert out.read_bytes() == (chain.run / "curves.png").read_bytes()
    run = shutil.copytree(chain.run, tmp_path / "work/runs" / chain.run.name)
    assert tencrop("run", "verify", run).code == 0
    flip(run / "curves.png", 5000)
    broken = tencrop("run", "verify", run)
    assert broken.code == 1
    assert "curves.png is damaged: it is no PNG as it was written; run the same" in broken.err
    assert tencrop("remove", "--yes", run, "--work", tmp_path / "work").code == 0
    assert not run.exists()


def test_a_picture_that_cannot_be_drawn_costs_no_run(
    tencrop: Type, chain: Chain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.plots.curves.save", lambda *_: 1 / 0)
    said = tencrop("train", chain.cache, "--data", chain.data, *TRAIN, "--work", tmp_path)
    assert said.code == 0
    assert "curves.png was not drawn" in said.err
    assert tencrop("run", "verify", said.last).code == 0
