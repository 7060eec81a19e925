"""Vectors that somebody else made to a feature cache: as they are, in the store's own shards.

No network of ours made them: what did is told by the SHA-256 of the files that they came in, or by
a name that a person gives it, so that two imports of one extractor have one encoder.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import InputError, NumberError
from core.files import file_sha256, plain_name
from core.matrices import Row, open_matrix
from core.places import place_sha256
from core.records import Corpus
from core.sources import IMPORTED
from core.store import FeatureWriter, find_complete
from core.store.key import corpus_digest
from core.store.manifest import MANIFEST

LAYER = "pooled"
"""The layer's name: a vector a picture or, as of a kept crop, a region."""
MOST_ROWS, MOST_BYTES = 1024, 2**27
"""Of a shard."""

Progress = Callable[[int, int], None]


def import_vectors(
    corpus: Corpus,
    root: Path,
    *,
    encoder: str = "",
    hashing: Progress = lambda done, total: None,
    progress: Progress = lambda done, total: None,
    begun: Callable[[Path, int], None] = lambda path, there: None,
    say: Callable[[str], None] = lambda note: None,
) -> Path:
    """Cache the vectors of ``corpus`` that are not in the cache yet; float64 becomes float32.

    The SHA-256 of an item is that of its numbers as float32 (``core.matrices.row_bytes``).

    Args:
        corpus: all of its places are rows of matrices, of one shape.
        root: the folder of all caches.
        encoder: what made the vectors, in a person's words; by default the files tell.
        hashing: called with (vectors read, vectors in all).
        progress: called with (vectors there, vectors in all).
        begun: called once with the cache's directory and how many vectors are there.
        say: told sentences for a person.

    Returns:
        The directory of the complete cache.

    Raises:
        InputError: pictures are there that would have to be looked at, or a matrix is damaged.
        NumberError: a number is not finite, or too large for float32.
        CacheError: one may not write there.
        BusyError: another process writes this cache.
    """
    rows = _rows(corpus)
    files = sorted({row.file for row in rows})
    items = _digested(corpus, rows, hashing)
    made_by, told = (
        _made_by(corpus, rows, encoder),
        {each.name: file_sha256(each) for each in files},
    )
    if not encoder:
        made_by["files"] = told
    fields = {**made_by, "corpus": corpus_digest(*map(list, zip(*items, strict=True)))}
    if found := find_complete(root, fields):
        begun(found, len(rows))
        return found
    size = max(1, min(MOST_ROWS, MOST_BYTES // open_matrix(files[0])[0].nbytes))
    name = _name(corpus, fields)
    kept = {"files": told}
    with FeatureWriter.open(root, name, fields, items, shard_size=size, made_with=kept) as writer:
        if writer.lost:
            say(f"{writer.path / MANIFEST} was lost: it is written again, as the shards tell")
        pending = writer.pending()
        done = len(rows) - sum(len(part) for _, part in pending)
        begun(writer.path, done)
        for number, part in pending:
            writer.commit(number, {LAYER: _values(rows[part.start : part.stop], fields)}, {})
            done += len(part)
            progress(done, len(rows))
        return writer.finish()


def _rows(corpus: Corpus) -> list[Row]:
    """The place of each item.

    Raises:
        InputError: one is a picture.
    """
    rows = [image.place for image in corpus.images if isinstance(image.place, Row)]
    if len(rows) < len(corpus.images):
        raise InputError(
            f"{corpus.name} holds pictures, and no vectors that are there already; make their "
            "features with `features`"
        )
    return rows


def _digested(corpus: Corpus, rows: Sequence[Row], hashing: Progress) -> list[tuple[str, str]]:
    items = []
    for image, row in zip(corpus.images, rows, strict=True):
        items.append((image.id, place_sha256(row)))
        hashing(len(items), len(rows))
    return items


def _made_by(corpus: Corpus, rows: Sequence[Row], encoder: str) -> dict[str, Any]:
    """All that makes a vector but which items there are, but for the files."""
    matrices = [open_matrix(file) for file in sorted({row.file for row in rows})]
    *regions, width = matrices[0].shape[1:]
    half = all(matrix.dtype == np.float16 for matrix in matrices)
    return {
        "backbone": IMPORTED,
        **({"encoder": encoder} if encoder else {}),
        "layers": {LAYER: [width]},
        "crops": regions[0] if regions else 1,
        "keep": "all" if regions and regions[0] > 1 else "mean",
        "dtype": "float16" if half else "float32",
    }


def _name(corpus: Corpus, fields: dict[str, Any]) -> str:
    crops = f"{fields['crops']}crop" if fields["crops"] > 1 else ""
    return plain_name("-".join(filter(None, [corpus.name, IMPORTED, crops, fields["keep"]])))


def _values(rows: Sequence[Row], fields: dict[str, Any]) -> npt.NDArray[Any]:
    """(n, regions, D) of the cache's dtype.

    Raises:
        NumberError: a number is not finite; the first such row is named.
    """
    shape = (len(rows), fields["crops"], *fields["layers"][LAYER])
    values = np.empty(shape, dtype=fields["dtype"])
    with np.errstate(over="ignore"):  # which is refused below
        for place, row in enumerate(rows):
            values[place] = open_matrix(row.file)[row.row].reshape(shape[1:])
    finite = np.isfinite(values).reshape(len(rows), -1).all(axis=1)
    if not finite.all():
        raise NumberError(
            f"{rows[int(np.argmin(finite))]} holds a number that is not finite, or too large for "
            f"{fields['dtype']}; mend it, or take this row and its captions out"
        )
    return values
