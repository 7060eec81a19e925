"""What has one owner is written once: a name of a file, an ending, a way of writing an option."""

import re

import pytest
from test_imports import FILES, ROOT

STAGES = [file for file in FILES if not file.startswith("benchmarks/")]
OWNERS = {
    r'"config\.json"': "train/record.py",
    r'"\.safetensors", ': "extract/settings.py",
    r'"pooled", "grid"': "extract/settings.py",
    r'/ "(features|runs|known)"': "",
    r'FEATURES\b.* = "features"': "core/work_folder.py",
    r'RUNS = "runs"': "pipeline/memory/whereabouts.py",
    r"\.replace\(.\_., .-.\)": "pipeline/typed/by_make.py",
    r'\.split\(","\)': "core/several.py",
    r'","\.join\(sorted\(': "core/several.py",
    r"torch\.arange\(.*\.shape\[1\].*\) < ": "train/inside.py train/recurrent.py",
    r'scatter_reduce\(.*"amin"\)': "train/distinct.py",
    r"parent\.resolve\(\) / path\.name": "pipeline/memory/linked.py",
}
"""Patterns of code, and the files of the stages that hold each: one, none, or those named."""


@pytest.mark.parametrize(("code", "owner"), OWNERS.items())
def test_what_has_an_owner_stands_once(code: str, owner: str) -> None:
    holders = [f for f in STAGES if re.search(code, (ROOT / f).read_text(encoding="utf-8"))]
    assert sorted(holders) == owner.split()
