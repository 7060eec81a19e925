"""No bit of a cache or of a run can change unseen."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.conftest import Made, typed

FLIPS = 1000


def files(folder: Path) -> list[Path]:
    """Every file but the lock, which says who wrote last."""
    return [f for f in sorted(folder.rglob("*")) if f.is_file() and f.name != ".lock"]


def flips(folders: dict[str, Path]) -> Iterator[tuple[str, Path, int]]:
    """(who verifies it, file, bit), each file as often as any other, whatever its size."""
    drawn = random.Random(7)
    every = [(name, file) for name, folder in folders.items() for file in files(folder)]
    for number in range(FLIPS):
        name, file = every[number % len(every)]
        yield name, file, drawn.randrange(8 * file.stat().st_size)


def flip(file: Path, bit: int) -> None:
    """Change a bit in its place: a file that is cut and written anew waits for the disk."""
    with file.open("r+b", buffering=0) as stream:
        (byte,) = os.pread(stream.fileno(), 1, bit // 8)
        os.pwrite(stream.fileno(), bytes([byte ^ 1 << bit % 8]), bit // 8)


def test_a_thousand_single_bits(made: Made) -> None:
    folders = {"cache": made.cache, "run": made.run}
    assert {f.suffix for d in folders.values() for f in files(d)} >= {".h5", ".json", ".npz"}
    for name, folder in folders.items():
        whole = typed(name, "verify", folder)
        assert whole.code == 0, whole.err
    unseen, unkind = [], []
    for name, file, bit in flips(folders):
        flip(file, bit)
        ended = typed(name, "verify", folders[name])
        flip(file, bit)
        case = f"{file.relative_to(made.root)}, bit {bit}"
        if not ended.code:
            unseen.append(case)
        elif ended.code != 1 or "error: " not in ended.err or "unexpected" in ended.err:
            unkind.append(f"{case}: {ended.err}")
    assert unseen == []
    assert unkind == []


@pytest.mark.parametrize("name", ["cache", "run"])
def test_a_file_that_is_cut_is_found(made: Made, name: str) -> None:
    folder = {"cache": made.cache, "run": made.run}[name]
    assert typed(name, "verify", folder).code == 0
    unseen = []
    for file in files(folder):
        before = file.read_bytes()
        for after in (b"", before[:-1]):
            file.write_bytes(after)
            if not typed(name, "verify", folder).code:
                unseen.append(f"{file.relative_to(made.root)} of {len(after)} bytes")
        file.write_bytes(before)
    assert unseen == []
