"""What has become of the corpus since a run was trained on it."""

from core.records import Corpus
from pipeline.typed.by_make import as_typed
from train.seen import Seen


def since_training(seen: Seen, corpus: Corpus) -> list[str]:
    """A sentence where the parts that were trained and chosen on are others in ``corpus`` by now.

    The run is asked all the same: it is what it was, and who edits labels or captions may want to
    compare.
    """
    changed = seen.changed(corpus)
    if not (seen.known and changed):
        return []
    again = as_typed("train CACHE --data DATA", make="train")
    return [
        f"the ids, labels or captions of {' and '.join(map(repr, changed))} have changed since "
        f"this run was trained, and it has not seen that: {again} trains again"
    ]
