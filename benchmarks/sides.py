"""One side of the comparison of stage one, in a process of its own: started by ``extraction``.

It builds its network and prints a line of JSON; after each line on stdin it computes all features
and prints another, with the CPU-seconds that it took.

- ``ours``: `extract`, from pictures to a cache, with the allocator as the command line has it; what
  happens once (reading digests, tracing, laying out weights) counts as the beginning.
- ``naive``: what a public script does: PIL, torchvision's transforms, eight pictures a call.
- ``onnx``: ONNX Runtime in the place of the network, all else as ours.
"""

import importlib
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image as Pillow
from torch import Tensor, nn
from torchvision import transforms

from benchmarks.apart import answer, tell
from core.files import file_sha256
from core.records import Corpus, Image
from core.store import FeatureCache
from extract.backbone import Backbone, Calls, Network
from extract.batches import Extractor
from extract.catalogue import build
from extract.digests import Picture
from extract.run import extract
from extract.settings import FeatureSettings
from extract.transform import Transform
from pipeline.allocator import keep_freed_memory

PICTURES_A_CALL = 8
CPU = torch.device("cpu")
Values = npt.NDArray[np.float32]
Work = Callable[[list[Path]], tuple[float, Values]]
"""Compute the features of picture files: the CPU-seconds, and (pictures, D)."""


def ours(backbone: Backbone, crops: int) -> Work:
    """`extract` into a folder of its own; the clock starts when the first picture is decoded."""
    keep_freed_memory()
    given = {"backbone": backbone.name, "weights": "random", "crops": crops}
    settings = FeatureSettings.model_validate(given)

    def work(files: list[Path]) -> tuple[float, Values]:
        corpus = Corpus.build("drawn", [Image(file.name, file, "train") for file in files], [])
        began: list[float] = []

        def progress(done: int, total: int) -> None:
            began.append(time.process_time())

        with tempfile.TemporaryDirectory() as root:
            path = extract(
                corpus, backbone, Path(root), settings, device=CPU, progress=progress
            ).path
            seconds = time.process_time() - began[0]
            cache = FeatureCache(path)
            return seconds, np.array(cache.read("pooled", cache.rows(cache.ids))[:, 0])

    return work


def naive(backbone: Backbone, crops: int) -> Work:
    """torchvision's transforms and its network, as it comes, in batches of eight pictures."""
    prepare = pipeline(backbone.transform, crops)

    def features(files: list[Path]) -> Values:
        found = []
        for start in range(0, len(files), PICTURES_A_CALL):
            part = files[start : start + PICTURES_A_CALL]
            batch = torch.stack([prepare(Pillow.open(file).convert("RGB")) for file in part])
            values = backbone.module(batch.flatten(0, 1), "pooled")
            found.append(values.reshape(len(part), crops, -1).mean(1).numpy())
        return np.concatenate(found)

    return partial(timed, features)


def onnx(backbone: Backbone, crops: int) -> Work:
    """Our reading, and ONNX Runtime with ten crops a call."""
    network = Network(Session(backbone), nn.Identity(), Calls.both(10))
    wanted = FeatureSettings.model_validate({"backbone": backbone.name, "crops": crops})
    shapes = {"pooled": backbone.layers["pooled"]}

    def features(files: list[Path]) -> Values:
        pictures = [Picture(file.name, file, file_sha256(file)) for file in files]
        with ThreadPoolExecutor(2) as pool:
            own = Extractor(network, backbone.transform, wanted, CPU, network.calls, pool)
            values, failures = own.features(pictures, shapes, lambda done: None)
        assert not failures
        return values["pooled"][:, 0]

    return partial(timed, features)


class Session(nn.Module):
    """A backbone exported with any number of crops a call, and run by ONNX Runtime."""

    def __init__(self, backbone: Backbone):
        """Export, with one thread.

        Raises:
            ImportError: onnxruntime, or what exports, is not installed.
        """
        super().__init__()
        importlib.import_module("onnxscript")
        runtime = importlib.import_module("onnxruntime")
        own = backbone.module
        whole = nn.Sequential(own.trunk, own.head).eval()
        example = torch.randn(2, 3, backbone.transform.crop, backbone.transform.crop)
        rows = {0: torch.export.Dim("rows", min=1, max=4096)}
        with tempfile.TemporaryDirectory() as folder, redirect_stdout(sys.stderr):
            file = Path(folder) / "network.onnx"
            torch.onnx.export(
                whole, (example,), file, dynamo=True, dynamic_shapes=(rows,), verbose=False
            )
            options = runtime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            self._session = runtime.InferenceSession(file, options)
        self._name = self._session.get_inputs()[0].name

    def forward(self, crops: Tensor) -> Tensor:
        """(N, 3, S, S) to (N, D)."""
        given = {self._name: crops.contiguous().numpy()}
        return torch.from_numpy(self._session.run(None, given)[0])


def pipeline(transform: Transform, crops: int) -> Callable[[Pillow.Image], Tensor]:
    """The transforms that a script would write."""
    finish = transforms.Compose(
        [transforms.ToTensor(), transforms.Normalize(transform.mean, transform.std)]
    )
    cut = {1: transforms.CenterCrop, 5: transforms.FiveCrop, 10: transforms.TenCrop}[crops]
    both = transforms.Compose([transforms.Resize(transform.resize), cut(transform.crop)])

    def prepare(picture: Pillow.Image) -> Tensor:
        found = both(picture)
        return torch.stack([finish(crop) for crop in (found if crops > 1 else [found])])

    return prepare


def timed(features: Callable[[list[Path]], Values], files: list[Path]) -> tuple[float, Values]:
    """The CPU-seconds of a call, and what it gives."""
    start = time.process_time()
    found = features(files)
    return time.process_time() - start, found


SIDES: dict[str, Callable[[Backbone, int], Work]] = {
    "ours": ours,
    "naive": naive,
    "onnx": onnx,
}


def main(side: str, name: str, crops: str, folder: str) -> None:
    """Answer each line on stdin; the first picture is computed before the first."""
    torch.set_num_threads(1)
    files = sorted(Path(folder).glob("*.jpg"))
    backbone = build(name, "random")
    start = time.process_time()
    try:
        work = SIDES[side](backbone, int(crops))
        work(files[:1])
    except ImportError as error:
        tell({"missing": str(error), "cpu_s": 0.0})
        return
    file = Path(folder) / f"{side}.npy"

    def again() -> dict[str, Any]:
        seconds, values = work(files)
        np.save(file, values)
        return {"cpu_s": seconds, "file": str(file)}

    answer({"cpu_s": time.process_time() - start}, again)


if __name__ == "__main__":
    main(*sys.argv[1:])
