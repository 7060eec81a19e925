"""A stranger's folder: its parts are found, held to the contracts, and gone afterwards."""

import sys

import pytest

from core.errors import SettingError
from core.plugins import load, names
from pipeline import recipe_files
from tests.forked import contracts
from tests.plugin_folder import PARTS, added

KINDS = ("losses", "samplers", "optimisers", "schedules", "tasks", "encoders", "recipes")


def test_a_folder_is_part_of_the_packages_inside_and_not_outside():
    before = names("train.losses"), names("evaluate.metrics"), recipe_files.names()
    with added(PARTS):
        assert {"instance", "hinge"} <= set(names("train.losses"))
        assert (
            load("train.losses", "instance").Options() == load("train.losses", "instance").Options()
        )
        assert "reciprocal_rank" in names("evaluate.metrics")
        assert "labelled" in recipe_files.names()
    assert (names("train.losses"), names("evaluate.metrics"), recipe_files.names()) == before
    assert "train.losses.instance" not in sys.modules
    with pytest.raises(SettingError, match="unknown name 'instance'"):
        load("train.losses", "instance")


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(NotADirectoryError), added(tmp_path / "nothing"):
        pass


@pytest.mark.slow
def test_the_contracts_take_up_a_strangers_parts():
    there = sorted(PARTS.rglob("*.py"))
    chosen = " or ".join(part.stem for part in there)
    code, out, _ = contracts("-q", "--plugins", PARTS, "-k", chosen, "-rA", kinds=KINDS)
    assert code == 0, out
    for part in there:
        if part.relative_to(PARTS).parts[1] in KINDS:
            assert f"[{part.stem}" in out or f"-{part.stem}" in out, part


BAD = """
import torch
from core.settings import Settings


class Options(Settings):
    ""


class Bad(torch.nn.Module):
    def forward(self, image, caption):
        return torch.nan_to_num(image * caption).sum()


def build(options, *, measured, dim):
    return Bad()
"""


@pytest.mark.slow
def test_a_part_that_breaks_its_contract_is_found(tmp_path):
    (tmp_path / "train" / "losses").mkdir(parents=True)
    (tmp_path / "train" / "losses" / "bad.py").write_text(BAD)
    code, out, _ = contracts("-q", "--plugins", tmp_path, kinds=["losses"])
    assert code == 1, out
    assert "test_a_nan_is_not_hidden[bad]" in out
    assert "1 failed" in out
