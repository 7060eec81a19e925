"""Peak memory of large pictures, each read in a child of this process: a JSON line a case.

Type: python large_pictures.py FOLDER SIDE TIMES THREADS CASE...; without a case, all of them.
"""

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import torch
from PIL import Image

from extract.images import crops
from extract.reading import read_picture
from extract.transform import IMAGENET
from pipeline.allocator import keep_freed_memory

ORIENTATION, SIDEWAYS = 0x0112, 6


class Case(NamedTuple):
    """A mode in a file: how it is drawn, as what it is saved, and turned or not."""

    draw: Callable[[int], Image.Image]
    kind: str
    options: dict[str, Any]
    turned: bool


def noise(side: int, channels: int = 1, dtype: Any = np.uint8) -> Any:
    """What no file makes smaller."""
    size = (side, side, channels) if channels > 1 else (side, side)
    count = side * side * channels * np.dtype(dtype).itemsize
    return np.frombuffer(np.random.default_rng(0).bytes(count), dtype).reshape(size)


def palette(side: int) -> Image.Image:
    image = Image.fromarray(noise(side)).copy()
    image.putpalette(np.random.default_rng(1).bytes(768))
    return image


DRAW: dict[str, Callable[[int], Image.Image]] = {
    "1": lambda side: Image.fromarray(noise(side)).convert("1", dither=Image.Dither.NONE),
    "L": lambda side: Image.fromarray(noise(side)),
    "LA": lambda side: Image.fromarray(noise(side, 2)),
    "P": palette,
    "P with transparency": palette,
    "RGB": lambda side: Image.fromarray(noise(side, 3)),
    "RGB with transparency": lambda side: Image.fromarray(noise(side, 3)),
    "RGBA": lambda side: Image.fromarray(noise(side, 4)),
    "CMYK": lambda side: Image.merge("CMYK", Image.fromarray(noise(side, 4)).split()),
    "YCbCr": lambda side: Image.fromarray(noise(side, 3)).convert("YCbCr"),
    "I": lambda side: Image.fromarray(noise(side, dtype=np.int32)),
    "I;16": lambda side: Image.fromarray(noise(side, dtype=np.uint16)),
    "F": lambda side: Image.fromarray(noise(side, dtype=np.int32).astype(np.float32)),
}
KINDS = {
    "PNG": ("1", "L", "LA", "P", "P with transparency", "RGB", "RGB with transparency", "RGBA")
    + ("I;16",),
    "TIFF": ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I", "I;16", "F"),
    "JPEG": ("L", "CMYK", "YCbCr"),
    "BMP": ("1", "L", "P", "RGB", "RGBA"),
}
TRANSPARENT = {"P with transparency": 7, "RGB with transparency": (1, 2, 3)}


def cases() -> Iterator[tuple[str, Case]]:
    """Each mode in each kind of file that has it, upright and turned."""
    for kind, modes in KINDS.items():
        for mode in modes:
            options: dict[str, Any] = {"compress_level": 0} if kind == "PNG" else {}
            if mode in TRANSPARENT:
                options["transparency"] = TRANSPARENT[mode]
            yield f"{mode} {kind}", Case(DRAW[mode], kind, options, turned=False)
            if kind != "BMP":
                yield f"{mode} {kind} turned", Case(DRAW[mode], kind, options, turned=True)


def in_child(work: Callable[[], None]) -> None:
    """Run ``work`` in a child, whose memory begins anew."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    if os.waitpid(child, 0)[1]:
        sys.exit("a child failed")


def kilobytes(field: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field))


def write(case: Case, side: int, path: Path) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = SIDEWAYS
    turned = {"exif": exif} if case.turned else {}
    case.draw(side).save(path, case.kind, **case.options, **turned)


def measure(name: str, path: Path, sha256: str, times: int, threads: int) -> None:
    """Say by how much the memory grows, at most, while the picture is read so often."""

    def read(_: int) -> str:
        with read_picture(path, sha256) as image:
            return hashlib.sha256(crops(image, IMAGENET, 10).numpy().tobytes()).hexdigest()

    before = kilobytes("VmRSS")
    with ThreadPoolExecutor(threads) as pool:
        (digest,) = set(pool.map(read, range(times)))
    grown = kilobytes("VmHWM") - before
    told = json.dumps({"case": name, "bytes": grown * 1024, "crops": digest})
    sys.stdout.write(f"{told}\n")
    sys.stdout.flush()


def main(folder: Path, side: int, times: int, threads: int, wanted: list[str]) -> None:
    keep_freed_memory()  # as the command line does
    torch.set_num_threads(1)  # torch's own threads would not be there in the children
    path = folder / "picture"
    for name, case in cases():
        if not wanted or name in wanted:
            in_child(lambda case=case: write(case, side, path))
            with path.open("rb") as stream:
                sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
            told = (name, path, sha256, times, threads)
            in_child(lambda told=told: measure(*told))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:5]), sys.argv[5:])
