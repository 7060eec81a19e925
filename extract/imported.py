"""Vectors that somebody else made to a feature cache: as they are, in the store's own shards.

No network of ours made them: what did is told by the SHA-256 of the files that they came in, or by
a name that a person gives it, so that two imports of one extractor have one encoder.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import InputError, NumberError
from core.files import file_sha256, plain_name
from core.matrices import WHOLE, Row, open_matrix
from core.places import place_sha256
from core.records import Corpus
from core.sources import CAPTIONS, IMPORTED, TEXT
from core.store import FeatureWriter, find_complete
from core.store.key import corpus_digest
from core.store.manifest import MANIFEST

LAYER = "pooled"
"""The layer's name: a vector a picture or, as of a kept crop, a region."""
MOST_ROWS, MOST_BYTES = 1024, 2**27
"""Of a shard."""
MOST_WHOLE = 2**24
"""Up to it float32 has every whole number."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Heard:
    """Whom an import tells how far it is.

    ``hashing`` is called with (vectors read, vectors in all), ``progress`` with (vectors there,
    vectors in all), ``begun`` once with the cache's directory and how many vectors are there, and
    ``say`` is told sentences for a person.
    """

    hashing: Progress = lambda done, total: None
    progress: Progress = lambda done, total: None
    begun: Callable[[Path, int], None] = lambda path, there: None
    say: Callable[[str], None] = lambda note: None


def import_vectors(
    corpus: Corpus, root: Path, *, encoder: str = "", heard: Heard | None = None
) -> Path:
    """Cache the vectors of the images of ``corpus``; float64 becomes float32.

    The SHA-256 of an item is that of its numbers as float32 (``core.matrices.row_bytes``).

    Args:
        corpus: all places of its images are rows of matrices, of one shape.
        root: the folder of all caches.
        encoder: what made the vectors, in a person's words; by default the files tell.
        heard: told how far it is.

    Returns:
        The directory of the complete cache; what is in it already is not made again.

    Raises:
        InputError: pictures are there that would have to be looked at, or a matrix is damaged.
        NumberError: a number is not finite, or too large for float32.
        CacheError: one may not write there.
        BusyError: another process writes this cache.
    """
    rows = _rows(corpus)
    made_by = {
        "backbone": IMPORTED,
        **({"encoder": encoder} if encoder else {}),
        **_made_by(rows, LAYER),
    }
    ids = [image.id for image in corpus.images]
    return _imported(corpus.name, ids, rows, made_by, root, heard or Heard(), not encoder)


def import_texts(
    corpus: Corpus, root: Path, *, encoder: str = "", heard: Heard | None = None
) -> Path:
    """Cache the vectors that stand in the place of the captions of ``corpus``: a cache of captions.

    As ``import_vectors``, but that all captions have places, of vectors (D,).
    """
    captions = sorted(corpus.captions, key=lambda caption: caption.id)
    rows = [caption.place for caption in captions if caption.place is not None]
    made_by = {**CAPTIONS, "encoder": encoder or IMPORTED, **_made_by(rows, TEXT)}
    ids = [caption.id for caption in captions]
    return _imported(
        f"{corpus.name}-texts", ids, rows, made_by, root, heard or Heard(), not encoder
    )


def _imported(
    title: str,
    ids: Sequence[str],
    rows: Sequence[Row],
    made_by: dict[str, Any],
    root: Path,
    heard: Heard,
    by_files: bool,
) -> Path:
    """The cache of these rows; ``by_files``: what made them is told by the files' bytes."""
    items = _digested(ids, rows, heard.hashing)
    matrices = sorted({(row.file, row.variable) for row in rows})
    digests = {file: file_sha256(file) for file in {file for file, _ in matrices}}
    told = {f"{file.name}:{name}" if name else file.name: digests[file] for file, name in matrices}
    if by_files:
        made_by = {**made_by, "files": told}
    fields = {**made_by, "corpus": corpus_digest(*map(list, zip(*items, strict=True)))}
    if found := find_complete(root, fields):
        heard.begun(found, len(rows))
        return found
    size = max(1, min(MOST_ROWS, MOST_BYTES // open_matrix(*matrices[0])[0].nbytes))
    name, kept = _name(title, fields), {"files": told}
    with FeatureWriter.open(root, name, fields, items, shard_size=size, made_with=kept) as writer:
        if writer.lost:
            heard.say(f"{writer.path / MANIFEST} was lost: it is written again, as the shards tell")
        _write(writer, rows, fields, heard)
        return writer.finish()


def _write(
    writer: FeatureWriter, rows: Sequence[Row], fields: dict[str, Any], heard: Heard
) -> None:
    pending, (layer,) = writer.pending(), fields["layers"]
    done = len(rows) - sum(len(part) for _, part in pending)
    heard.begun(writer.path, done)
    for number, part in pending:
        writer.commit(number, {layer: _values(rows[part.start : part.stop], fields)}, {})
        done += len(part)
        heard.progress(done, len(rows))


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


def _digested(ids: Sequence[str], rows: Sequence[Row], hashing: Progress) -> list[tuple[str, str]]:
    items = []
    for name, row in zip(ids, rows, strict=True):
        items.append((name, place_sha256(row)))
        hashing(len(items), len(rows))
    return items


def _made_by(rows: Sequence[Row], layer: str) -> dict[str, Any]:
    """All that makes a vector but which items there are, but for the files and the encoder."""
    matrices = [open_matrix(*each) for each in sorted({(row.file, row.variable) for row in rows})]
    *regions, width = matrices[0].shape[1:]
    half = all(matrix.dtype == np.float16 for matrix in matrices)
    return {
        "layers": {layer: [width]},
        "crops": regions[0] if regions else 1,
        "keep": "all" if regions and regions[0] > 1 else "mean",
        "dtype": "float16" if half else "float32",
    }


def _name(title: str, fields: dict[str, Any]) -> str:
    crops = f"{fields['crops']}crop" if fields["crops"] > 1 else ""
    return plain_name("-".join(filter(None, [title, IMPORTED, crops, fields["keep"]])))


def _values(rows: Sequence[Row], fields: dict[str, Any]) -> npt.NDArray[Any]:
    """(n, regions, D) of the cache's dtype.

    Raises:
        NumberError: a number is not finite, or a whole one that float32 has not; the first such
            row is named.
    """
    (width,) = fields["layers"].values()
    shape = (len(rows), fields["crops"], *width)
    values = np.empty(shape, dtype=fields["dtype"])
    with np.errstate(over="ignore"):  # which is refused below
        for place, row in enumerate(rows):
            there = open_matrix(row.file, row.variable)[row.row]
            if there.dtype.kind in WHOLE:
                _refuse_inexact(row, there)
            values[place] = there.reshape(shape[1:])
    finite = np.isfinite(values).reshape(len(rows), -1).all(axis=1)
    if not finite.all():
        raise NumberError(
            f"{rows[int(np.argmin(finite))]} holds a number that is not finite, or too large for "
            f"{fields['dtype']}; mend it, or take this row and its captions out"
        )
    return values


def _refuse_inexact(row: Row, there: npt.NDArray[Any]) -> None:
    if int(there.max()) > MOST_WHOLE or int(there.min()) < -MOST_WHOLE:
        raise NumberError(
            f"{row} holds whole numbers beyond {MOST_WHOLE:,}, which float32 does not have; "
            "save it as float32 or float64, which may be rounded"
        )
