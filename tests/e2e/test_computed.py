"""How a training is computed, as it is typed: noted in the run, whose place is as ever."""

from pathlib import Path

import pytest

import pipeline.fitting
from tests.e2e.conftest import SMALL, Chain, Type
from train.how import How
from train.identity import COMPUTED, read_config


@pytest.mark.parametrize(
    ("typed", "how"),
    [
        ((), How()),
        (("--deterministic",), How(deterministic=True)),
        (("--compile",), How(compile=True)),
        (("--deterministic", "--compile"), How(deterministic=True, compile=True)),
    ],
)
def test_what_is_typed_is_what_is_asked_for(
    typed: tuple[str, ...],
    how: How,
    chain: Chain,
    tencrop: Type,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    def fit(*_: object, how: How, **__: object) -> None:
        asked.append(how)
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline.fitting, "fit", fit)
    words = ("--data", chain.data, "--work", chain.work, "--run", tmp_path / "run")
    assert tencrop("train", chain.cache, *words, *SMALL, *typed).code == 130
    assert asked == [how]


def test_the_same_place_and_name_and_a_note_in_the_run(
    chain: Chain, tencrop: Type, tmp_path: Path
) -> None:
    words = ("train", chain.cache, "--data", chain.data, *SMALL)
    found = tencrop(*words, "--work", chain.work, "--deterministic", "--compile")
    assert found.last == str(chain.run)
    assert COMPUTED not in read_config(chain.run)
    made = tencrop(*words, "--work", tmp_path / "work", "--deterministic")
    assert Path(made.last).name == chain.run.name
    assert read_config(Path(made.last))[COMPUTED] == {"deterministic": True}
