"""Features of real photographs against plain torchvision code, one picture at a time."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image as Pillow
from safetensors.torch import load_file
from torchvision import models
from torchvision import transforms as T

from core.records import Corpus, Image
from core.store import FeatureCache
from extract.catalogue import build
from extract.run import extract
from extract.settings import FeatureSettings

DATA = Path(os.environ.get("TENCROP_DATA", Path(__file__).parents[3] / "shared" / "data"))
PICTURES = DATA / "flickr8k" / "images"
WEIGHTS = DATA.parent / "weights"
THERE = PICTURES.is_dir() and WEIGHTS.is_dir()


def plain_model(name):
    model = getattr(models, name)(weights=None)
    fit = model.load_state_dict(load_file(WEIGHTS / f"{name}.safetensors"), strict=False)
    assert not fit.unexpected_keys
    assert all(key.startswith("classifier.") for key in fit.missing_keys)
    return model.eval()


def plain_features(model, path, ten):
    finish = T.Compose(
        [T.ToTensor(), T.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])]
    )
    picture = T.Resize(256)(Pillow.open(path).convert("RGB"))
    cut = T.TenCrop(224)(picture) if ten else [T.CenterCrop(224)(picture)]
    batch = torch.stack([finish(crop) for crop in cut])
    with torch.no_grad():
        pooled, scores = model.features(batch).mean((2, 3)), model(batch)
    return {"pooled": pooled.mean(0).numpy(), "scores": scores.mean(0).numpy()}


@pytest.mark.real
@pytest.mark.skipif(not THERE, reason=f"{PICTURES} is not there: set TENCROP_DATA")
@pytest.mark.parametrize(
    ("name", "layers"), [("mobilenet_v2", ["pooled"]), ("squeezenet1_1", ["pooled", "scores"])]
)
@pytest.mark.parametrize(("crops", "photographs"), [(1, 50), (10, 6)])
def test_real_features_are_those_of_plain_torchvision(name, layers, crops, photographs, tmp_path):
    every = sorted(PICTURES.glob("*.jpg"))
    paths = every[:: len(every) // photographs][:photographs]
    corpus = Corpus.build("flickr8k", [Image(p.name, p, "train") for p in paths], [])
    file = str(WEIGHTS / f"{name}.safetensors")
    told = {"backbone": name, "weights": file, "crops": crops, "layer": ",".join(layers)}
    settings, backbone = FeatureSettings(**told), build(name, file)
    # The one file holds half a classifier, of which no scores can be made.
    lacks = "" if "scores" in layers else "its weights hold no 'classifier.1.weight'"
    assert backbone.lacks == lacks
    found = extract(corpus, backbone, tmp_path, settings, device=torch.device("cpu"))
    assert (found.pictures, found.failures) == (photographs, ())

    cache = FeatureCache(found.path)
    model = plain_model(name)
    every = [plain_features(model, path, crops == 10) for path in paths]
    for layer in layers:
        ours = cache.read(layer, cache.rows([p.name for p in paths]))[:, 0]
        plain = np.stack([one[layer] for one in every])
        error = np.linalg.norm(ours - plain, axis=1) / np.linalg.norm(plain, axis=1)
        assert error.max() <= 1e-5, layer
        other = np.linalg.norm(plain[0] - plain[1]) / np.linalg.norm(plain[0])
        assert other > 0.1  # two photographs differ by far more than the tolerance
