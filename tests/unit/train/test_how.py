"""A run that is computed deterministically: the same on a CPU, noted, and gone on with alike."""

import os

import pytest
import torch
from torch import Tensor

from core.errors import SettingError
from tests.interruption import interrupted_at
from tests.ranks import together
from tests.tiny import fit
from train.how import WORKSPACE, How, common
from train.identity import COMPUTED, config_sha256, read_config
from train.losses.hinge import Hinge
from train.recipe import resolve
from train.record import MODEL

RECIPE = resolve({}, ["min_count=1", "embed_dim=6", "text.word_dim=4", "batch_size=7", "epochs=2"])
SAME = How(deterministic=True)


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    monkeypatch.setenv(WORKSPACE, ":16:8")


def asked_of_torch():
    return (
        torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(),
        torch.backends.cudnn.benchmark,
    )


def test_torch_is_asked_inside_and_as_before_outside(monkeypatch):
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", True)
    inside = []
    with pytest.raises(KeyError), SAME.within():
        raise KeyError(inside.append(asked_of_torch()))
    assert inside == [(True, False, False)]
    assert asked_of_torch() == (False, False, True)
    with How().within():
        assert asked_of_torch() == (False, False, True)


def test_cublas_is_told_before_it_computes(monkeypatch):
    monkeypatch.delenv(WORKSPACE)
    with SAME.within():
        assert os.environ[WORKSPACE] == ":4096:8"
    monkeypatch.setenv(WORKSPACE, ":0:0")
    with pytest.raises(SettingError, match="unset it, or set it to :4096:8"), SAME.within():
        pass
    with How().within():
        pass


def test_on_a_cpu_the_bits_are_those_of_any_training(tmp_path):
    fit(RECIPE, tmp_path, tmp_path / "plain")
    fit(RECIPE, tmp_path, tmp_path / "same", how=SAME)
    plain, same = tmp_path / "plain", tmp_path / "same"
    assert (plain / MODEL).read_bytes() == (same / MODEL).read_bytes()
    assert read_config(same)[COMPUTED] == {"deterministic": True}
    assert COMPUTED not in read_config(plain)
    assert config_sha256(read_config(plain)) == config_sha256(read_config(same))


@pytest.mark.parametrize(
    ("first", "then", "way"), [(SAME, How(), "with"), (How(), SAME, "without")]
)
def test_a_run_goes_on_as_it_was_begun_and_says_so(tmp_path, first, then, way):
    run, said, seen = tmp_path / "run", [], []
    with pytest.raises(KeyboardInterrupt):
        fit(RECIPE, tmp_path, run, how=first, progress=interrupted_at(1, 2), save_every=0)

    def progress(*_, **__):
        seen.append(torch.are_deterministic_algorithms_enabled())

    fit(RECIPE, tmp_path, run, how=then, progress=progress, say=said.append)
    assert set(seen) == {first.deterministic}
    assert f"{run} was begun {way} --deterministic: going on {way} it, for the same bits" in said
    fit(RECIPE, tmp_path, tmp_path / "whole", how=first)
    assert (run / MODEL).read_bytes() == (tmp_path / "whole" / MODEL).read_bytes()


def test_an_operator_that_has_no_such_form_is_one_line(tmp_path, monkeypatch):
    own = Hinge.forward

    def putting(self: Hinge, image: Tensor, caption: Tensor, image_id: Tensor) -> Tensor:
        torch.zeros(2).put_(torch.tensor([0, 0]), torch.ones(2))
        return own(self, image, caption, image_id)

    monkeypatch.setattr(Hinge, "forward", putting)
    with pytest.raises(SettingError) as told:
        fit(RECIPE, tmp_path, tmp_path / "run", how=SAME)
    assert str(told.value) == (
        "--deterministic: put_ does not have a deterministic implementation; train with --device "
        "cpu, or leave --deterministic out (of a run that has saved a state, into another --run)"
    )
    said = []
    fit(RECIPE, tmp_path, tmp_path / "run", say=said.append)
    assert said == []
    assert read_config(tmp_path / "run")[COMPUTED] == {}


def test_another_error_stays_what_it_is():
    with pytest.raises(RuntimeError, match="of another sort"), SAME.within():
        raise RuntimeError("of another sort")


def test_all_ranks_compute_as_the_first():
    assert together(2, _as_the_first) == [SAME, SAME]


def _as_the_first(ranks):
    return common(ranks, lambda: SAME if ranks.leads else How())
