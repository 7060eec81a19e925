"""What has one owner is written once: a name of a file, an ending, a way of writing an option."""

import pytest
from test_imports import FILES, ROOT

STAGES = [file for file in FILES if not file.startswith("benchmarks/")]
OWNERS = {
    '"config.json"': "train/record.py",
    '".safetensors", ': "extract/settings.py",
    '"pooled", "grid"': "extract/settings.py",
    '/ "features"': "",
    '/ "runs"': "",
    'FEATURES, RUNS = "features", "runs"': "pipeline/memory/whereabouts.py",
    """.replace('_', '-')""": "pipeline/typed/by_make.py",
    """.replace("_", "-")""": "",
    "parent.resolve() / path.name": "pipeline/memory/linked.py",
}
"""Pieces of code, and the one file of the stages that may hold each; none where it is empty."""


@pytest.mark.parametrize(("code", "owner"), OWNERS.items())
def test_what_has_an_owner_stands_once(code: str, owner: str) -> None:
    holders = [file for file in STAGES if code in (ROOT / file).read_text(encoding="utf-8")]
    assert holders == ([owner] if owner else [])
