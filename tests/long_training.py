"""A training on made-up captions and features in a process of its own, for its peak of memory.

    python -m tests.long_training FOLDER PICTURES CAPTIONS EPOCHS

The cache of FOLDER is what ``make`` has written. Prints a line of JSON: the peak of the resident
memory, in bytes, of the program with its libraries, and after each epoch.
"""

import json
import resource
import sys
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch

from core.records import Caption, Corpus, Image
from core.sources import CacheLayer
from core.store import FeatureCache, FeatureWriter
from evaluate.judge import judge
from pipeline.allocator import keep_freed_memory
from tests.caches import fields_of
from train.plan import Plan
from train.recipe import resolve
from train.training import train

SHARD, VAL, WORDS = 1000, 50, 5000
TINY = ("text=bag", "embed_dim=8", "batch_size=1024", "min_count=1")


def names(pictures: int) -> list[tuple[str, str]]:
    """Each picture's id and the digest of its file."""
    ids = [f"COCO_train2014_{number:012d}.jpg" for number in range(pictures)]
    return [(each, sha256(each.encode()).hexdigest()) for each in ids]


def make(folder: Path, pictures: int, width: int) -> None:
    """Write a cache of noise, a shard at a time."""
    draw, made = np.random.default_rng(0), names(pictures)
    fields = fields_of(made, {"pooled": [width]})
    with FeatureWriter.open(folder, "made", fields, made, shard_size=SHARD) as writer:
        for number, part in writer.pending():
            size = (part.stop - part.start, 1, width)
            writer.commit(number, {"pooled": draw.random(size, dtype=np.float32)}, {})
        writer.finish()


def corpus_of(pictures: int, captions: int) -> Corpus:
    """As many captions a picture as there are, of eight to fifteen words."""
    draw, ids = np.random.default_rng(1), [name for name, _ in names(pictures)]
    words = [f"word{number}" for number in range(WORDS)]
    lengths = draw.integers(8, 16, captions)
    images = [Image(name, None, "val" if n < VAL else "train") for n, name in enumerate(ids)]
    texts = (" ".join(words[n] for n in draw.integers(0, WORDS, length)) for length in lengths)
    owned = (
        (ids[n * pictures // captions], Caption(f"#{n}", text)) for n, text in enumerate(texts)
    )
    return Corpus.build("long", images, owned)


def peak() -> int:
    """Of this process, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def fit(folder: Path, pictures: int, captions: int, epochs: int) -> list[int]:
    """Train; the peak before there is a corpus, and at each epoch's end."""
    keep_freed_memory()  # as the command line does
    (place,) = (path.parent for path in folder.glob("*/cache.json"))
    source = CacheLayer(FeatureCache(place), "pooled")
    peaks, recipe = [peak()], resolve({}, [*TINY, f"epochs={epochs}"])
    plan = Plan.of(corpus_of(pictures, captions), {"image": source}, recipe)
    train(
        plan,
        folder / f"run-{epochs}",
        device=torch.device("cpu"),
        validate=lambda prediction: judge(prediction).scores(),
        progress=lambda *given, **told: None,
        given={},
        counted=lambda record: peaks.append(peak()),
    )
    return peaks


def main(folder: str, *numbers: str) -> None:
    """Train, and print."""
    pictures, captions, epochs = map(int, numbers)
    torch.set_num_threads(1)
    sys.stdout.write(json.dumps(fit(Path(folder), pictures, captions, epochs)) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
