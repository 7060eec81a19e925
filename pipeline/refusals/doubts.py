"""What cannot be learnt, or not as it was meant: sentences before a training."""

from collections import defaultdict
from collections.abc import Collection
from itertools import combinations

from core.bare_words import said
from core.records import Corpus
from core.store import FeatureCache
from core.wording import counted
from pipeline.memory.word_records import leaks
from pipeline.typed.by_make import option
from train.plan import Plan
from train.seen import VAL

ORDER = ("train", "restval", "val", "test")
APART = "nothing tells one pair from another"


def doubts(plan: Plan) -> list[str]:
    """A sentence for each thing that leaves nothing to learn or to choose by, or tells it."""
    part, size = plan.parts[0], plan.outline.batch_size
    digests = {digest for _, digest in plan.seen.train if digest}
    pictures = len(set(part.owner.tolist()))
    told = []
    if plan.outline.losses and min(size, len(part.captions)) == 1:
        told.append(
            "each batch is a single example: a loss that compares the examples of a batch is "
            "always 0, and learns nothing; choose a larger batch_size, or give more captions"
        )
    if pictures == 1:
        told.append(f"one training picture has captions: {APART}; give more pictures")
    elif len(digests) == 1 and all(digest for _, digest in plan.seen.train):
        many = counted(len(plan.seen.train), "training picture")
        told.append(f"all {many} are the same file: {APART}; check the folder")
    texts = [caption.text for caption in part.captions]
    if len(texts) > 1 and all(said(text) == said(texts[0]) for text in texts):
        many = counted(len(texts), "training caption")
        told.append(f"all {many} are {texts[0][:40]!r}: {APART}; check the table")
    if both := plan.seen.trained_on(plan.seen.val):
        told.append(
            f"{len(both):,} of the {counted(len(plan.seen.val), 'validation picture')} "
            f"{'is a training picture' if len(both) == 1 else 'are training pictures'} too, first "
            f"{both[0]!r}: the epoch is chosen on what was trained on; keep each file in one split"
        )
    return [*told, *_of_one_crop(plan), *leaks(plan.outline.files, plan.seen.captions)]


def _of_one_crop(plan: Plan) -> list[str]:
    """A sentence where crops are to be drawn, and each picture has one only."""
    drawn = plan.outline.settings.get("image", {}).get("crop", "mean")
    crops = [source.shape[0] for source in plan.sources.values() if len(source.shape) > 1]
    if drawn == "mean" or not crops or max(crops) > 1:
        return []
    made = f"{option('crops', 2)} {option('keep', 'all')}"
    return [
        f"image.crop = {drawn!r} draws of several crops, and these features hold one, or the mean "
        f"of all: nothing is drawn; make them with {made}, or train on several caches of one "
        "backbone"
    ]


def shared_pictures(
    corpus: Corpus, cache: FeatureCache, trained: Collection[str] = ()
) -> list[str]:
    """One sentence if pictures of two splits are the same file, by the digests in the cache.

    Of ``val`` and the splits that are ``trained`` on nothing is said: ``doubts`` says more of them.
    """
    digest = dict(zip(cache.ids, cache.digests, strict=True))
    held: dict[str, set[str]] = defaultdict(set)
    for image in corpus.images:
        held[image.split].add(digest[image.id])
    several = [
        f"{len(both)} of {one!r} in {other!r}"
        for one, other in combinations([name for name in ORDER if name in held], 2)
        if (both := held[one] & held[other] - {""}) and not (other == VAL and one in trained)
    ]
    if not several:
        return []
    what = "numbers" if corpus.stored else "files"
    return [
        f"the same {what} are in two splits: {', '.join(several)}; `evaluate` refuses a split with "
        f"what was trained on: keep each in one"
    ]
