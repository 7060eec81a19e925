"""A new picture as stage one sees it, against what stage one keeps of it, with real weights."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch

from core.records import Corpus, Image
from core.store import FeatureCache
from extract.catalogue import build
from extract.handed import opened
from extract.one import One
from extract.run import extract
from extract.settings import FeatureSettings

DATA = Path(os.environ.get("TENCROP_DATA", Path(__file__).parents[3] / "shared" / "data"))
PHOTOGRAPHS = DATA / "flickr8k"
WEIGHTS = DATA.parent / "weights" / "squeezenet1_1.safetensors"
CPU = torch.device("cpu")
FEW = 5
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(
        not (PHOTOGRAPHS.is_dir() and WEIGHTS.is_file()), reason=f"{PHOTOGRAPHS} is not there"
    ),
]


@pytest.mark.parametrize(
    ("options", "apart"),
    [
        ({"crops": 2, "keep": "all", "layer": "pooled,scores"}, 1e-4),
        ({"crops": 10, "keep": "mean", "dtype": "float16"}, 2e-3),
        ({"crops": 1, "layer": "grid", "transform": "256:224", "engine": "plain"}, 1e-4),
    ],
)
def test_the_row_of_a_photograph_is_that_of_its_cache(options, apart, tmp_path):
    settings = FeatureSettings(backbone="squeezenet1_1", weights=str(WEIGHTS), **options)
    files = sorted(PHOTOGRAPHS.rglob("*.jpg"))[:FEW]
    assert len(files) == FEW
    corpus = Corpus.build("few", [Image(file.name, file, "test") for file in files], [])
    network = (settings.backbone, settings.weights, settings.transform)
    cache = FeatureCache(extract(corpus, build(*network), tmp_path, settings, device=CPU).path)
    one = One(build(*network), settings, CPU)
    for file in files:
        row = one.row(opened(file, file.name), file.name)
        assert row.keys() == cache.layers.keys()
        for layer, values in row.items():
            kept = cache.read(layer, cache.rows([file.name]))[0]
            assert (values.dtype, values.shape) == (kept.dtype, kept.shape)
            scale = np.abs(kept.astype(np.float64)).max()
            np.testing.assert_allclose(values / scale, kept / scale, atol=apart)
