"""A little corpus with random features, and what a training run of it needs."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch

from core.records import Caption, Corpus, Image
from core.sources import CacheLayer
from core.store import FeatureCache, FeatureWriter
from core.text import SPECIALS, Vocabulary
from tests.caches import fields_of
from train.plan import Plan
from train.recipe import resolve
from train.training import train

TINY = ("batch_size=8", "embed_dim=12", "word_dim=6", "min_count=1", "lr=0.01", "epochs=3")


def warmed(epochs=1, **options):
    """A recipe whose first epochs sum all hinges; ``options`` are those of both losses."""
    return {
        "loss": {
            "all": {"name": "hinge", "negatives": "all", **options},
            "hardest": {"name": "hinge", **options},
        },
        "phase": {
            "warm": {"epochs": epochs, "loss": {"all": 1.0}},
            "main": {"loss": {"hardest": 1.0}},
        },
    }


@dataclass
class World:
    corpus: Corpus
    cache: FeatureCache
    device: torch.device = torch.device("cpu")

    @property
    def sources(self):
        return {"image": CacheLayer(self.cache, "pooled")}

    def plan(self, *assignments: str, recipe=None, seed=0):
        settings = resolve(recipe or {}, [*TINY, *assignments])
        return Plan.of(self.corpus, self.sources, settings, seed)

    def train(
        self,
        run: Path,
        *assignments: str,
        recipe=None,
        progress=None,
        validate=None,
        seed=0,
        save_every=600.0,
        say=lambda note: None,
        **given,
    ):
        return train(
            self.plan(*assignments, recipe=recipe, seed=seed),
            run,
            device=self.device,
            validate=validate or rsum,
            progress=progress or quiet,
            given=given,
            save_every=save_every,
            say=say,
        )


def quiet(epoch, step, steps, *, loss, mean_loss, examples_per_second, validation):
    pass


def make_corpus(folder, *, train=20, val=6, captions=2, bare=0, order=None):
    """Each picture's captions hold words that no other picture has; ``bare`` ones have none."""
    numbers = range(train + val + bare)
    splits = ["train"] * train + ["val"] * (val + bare)
    images = [Image(f"p{i:03d}", folder / f"p{i:03d}.jpg", splits[i]) for i in numbers]
    texts = [
        (f"p{i:03d}", Caption(f"p{i:03d}#{c}", f"a thing{i} {'very ' * c}like{i}"))
        for i in numbers[: train + val]
        for c in range(captions)
    ]
    return Corpus.build("tiny", images, [texts[i] for i in order] if order is not None else texts)


def make_cache(root, corpus, *, dim=10, crops=1, failures=(), fields="f", dtype=np.float32):
    """Random features that depend on the picture's id alone, in shards of 8."""
    rows = [
        np.random.default_rng(list(image.id.encode())).normal(size=(crops, dim)).astype(dtype)
        for image in corpus.images
    ]
    pictures = [(i.id, sha256(i.id.encode()).hexdigest()) for i in corpus.images]
    made = fields_of(pictures, {"pooled": [dim]}, x=fields, crops=crops, keep="all")
    made["dtype"] = str(np.dtype(dtype))
    with FeatureWriter.open(root, "tiny", made, pictures, shard_size=8) as writer:
        for number, part in writer.pending():
            here = {pictures[i][0]: "broken" for i in part if pictures[i][0] in failures}
            writer.commit(number, {"pooled": np.stack([rows[i] for i in part])}, here)
        return FeatureCache(writer.finish())


def make_world(tmp_path, **options):
    cache_options = {k: options.pop(k) for k in ("dim", "crops", "failures") if k in options}
    corpus = make_corpus(tmp_path / "pictures", **options)
    return World(corpus, make_cache(tmp_path / "features", corpus, **cache_options))


def vocabulary(size):
    """So many words, the specials among them."""
    return Vocabulary((*SPECIALS, *(f"w{i}" for i in range(size - len(SPECIALS)))), 1)


def rising(prediction):
    """A score that follows from the weights alone, and is never the same."""
    return {"score": float(prediction.caption.value.sum())}


def rsum(embeddings) -> dict[str, float]:
    """Recalls both ways by brute force; a tie counts against the caption or picture."""
    scores = embeddings.image.value.astype(np.float64) @ embeddings.caption.value.T
    own = embeddings.owner[None, :] == np.arange(len(scores))[:, None]
    to_image = [int((scores[:, c] >= scores[i, c]).sum()) for c, i in enumerate(embeddings.owner)]
    best = np.where(own, scores, -np.inf).max(axis=1)
    to_caption = [
        int(((scores[i] >= best[i]) & ~own[i]).sum()) + 1 for i in np.flatnonzero(own.any(axis=1))
    ]
    total = sum(
        100 * np.mean(np.array(ranks) <= k) for ranks in (to_image, to_caption) for k in (1, 5, 10)
    )
    return {"score": float(total)}
