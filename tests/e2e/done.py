"""A small world in which all is done: what it says a second time, and after a change."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import safetensors.torch
import torch

from pipeline.memory.known import FOLDER
from tests.e2e.conftest import Said, Type
from tests.faults.child import PARTS
from tests.faults.contents import Contents, contents
from tests.faults.world import NARROW, SMALL
from tests.plugin_folder import ROOT

TRAINED = [word for key in (*SMALL, *NARROW) for word in ("--set", key)]
TIMED = {"metrics.jsonl", "last.json", "previous.json"}
"""Files of a run that say how long an epoch took."""
SAME = "nothing that the answer follows from has changed: it is that of"


def weights(file: Path, seed: int) -> None:
    """Weights of the small backbone, whose parts are there."""
    from extract.backbones.speck import Speck

    torch.manual_seed(seed)
    safetensors.torch.save_file(Speck().state_dict(), file)


def tried(root: Path, tencrop: Type, words: list[str]) -> tuple[Said, Contents]:
    """What a command says, and what is there then; without times."""
    said = tencrop(*words)
    found = {path: told for path, told in contents(root).items() if Path(path).name not in TIMED}
    return Said(said.code, said.out, re.sub(r"computed in .*", "", said.err)), found


def tried_twice(world: Path, tencrop: Type, words: list[str], spare: Path) -> Said:
    """What is said with what is kept in WORK/known; without, it and every file are the same."""
    shutil.copytree(world, spare)
    kept = tried(world, tencrop, words)
    shutil.rmtree(world)
    shutil.copytree(spare, world)
    shutil.rmtree(world / "work" / FOLDER)
    assert kept == tried(world, tencrop, words)
    return kept[0]


def of(root: Path, pattern: str) -> Path:
    """The first file of the work folder that fits."""
    return next(iter(sorted((root / "work").glob(pattern))))


def flip(file: Path, at: float = 0.5) -> None:
    """Turn a bit of the byte at this share of the file."""
    data = bytearray(file.read_bytes())
    data[int(at * (len(data) - 1))] ^= 1
    file.write_bytes(data)


CHILD = """
import sys
from pathlib import Path
from pipeline.cli import main
from tests.plugin_folder import added
with added(Path(sys.argv[1])):
    try:
        main(sys.argv[2:])
    finally:
        print("torch" in sys.modules, file=sys.stderr)
"""


def in_child(*words: str) -> tuple[int, str, bool]:
    """Type a command in a process of its own: exit code, stdout, and whether it has torch."""
    child = [sys.executable, "-c", CHILD, str(PARTS), *words]
    told = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    ended = subprocess.run(
        child, cwd=words[-1], env=told, capture_output=True, text=True, check=False
    )
    return ended.returncode, ended.stdout, ended.stderr.splitlines()[-1] == "True"
