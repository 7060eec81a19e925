"""Stage one's options: light to import, and one way of saying the same numbers."""

import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import SettingError
from extract.settings import FREE, FeatureSettings


def test_they_cost_no_import_of_torch():
    code = "import sys, extract.settings; sys.exit('torch' in sys.modules)"
    root = Path(__file__).parents[3]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


def test_one_crop_is_its_own_mean():
    one = FeatureSettings(crops=1, keep="all", layer="grid", batch_size=3)
    assert one.canonical() == FeatureSettings(crops=1, keep="mean", layer="grid", batch_size=3)
    for kept in (FeatureSettings(crops=5, keep="all", layer="grid"), FeatureSettings()):
        assert kept.canonical() == kept


def test_the_mean_of_several_grids_is_refused():
    with pytest.raises(SettingError, match="mean of 5 grids.*use --crops 1 or --keep all"):
        FeatureSettings(crops=5, layer="grid").canonical()


def test_what_changes_no_number_is_an_option():
    assert set(FeatureSettings.model_fields) > FREE
