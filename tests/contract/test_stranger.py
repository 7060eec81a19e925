"""A stranger's folder: its parts are found, held to the contracts, and gone afterwards."""

import subprocess
import sys

import pytest

from core.errors import SettingError
from core.plugins import load, names
from pipeline import recipe_files
from tests.plugin_folder import PARTS, ROOT, added

KINDS = ("losses", "samplers", "optimisers", "schedules", "tasks", "encoders", "recipes")
CONTRACTS = [f"tests/contract/test_{kind}_contract.py" for kind in KINDS]


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
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--plugins", PARTS]
    chosen = ["-k", " or ".join(part.stem for part in there), "-rA"]
    ended = subprocess.run(
        [*command, *CONTRACTS, *chosen], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout
    for part in there:
        if part.relative_to(PARTS).parts[1] in KINDS:
            assert f"[{part.stem}" in ended.stdout or f"-{part.stem}" in ended.stdout, part


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
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    ended = subprocess.run(
        [*command, "--plugins", tmp_path, CONTRACTS[0]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1, ended.stdout
    assert "test_a_nan_is_not_hidden[bad]" in ended.stdout
    assert "1 failed" in ended.stdout
