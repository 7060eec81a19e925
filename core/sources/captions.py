"""Sources whose items are captions: a vector a sentence, by the caption's id."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from core.errors import CacheError
from core.places import place_sha256
from core.records import Caption
from core.sources.source import Rows, Source
from core.wording import counted

CAPTIONS = {"rows": "captions"}
"""Among the facts ``made_by`` of a source: its items are captions, not pictures."""
TEXT = "text"
"""The layer of a cache of captions."""
AGAIN = "make them of these captions"


def of_captions(made_by: Mapping[str, Any]) -> bool:
    """Whether what made a source, or the fields of a cache, say that its items are captions."""
    return CAPTIONS.items() <= made_by.items()


def text_sha256(text: str) -> str:
    """The SHA-256 of a sentence as it was written, in UTF-8; what a picture's file digest is."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def caption_sha256(caption: Caption) -> str:
    """What a cache notes of a caption: the SHA-256 of its text, or of the numbers in its place.

    Raises:
        InputError, OSError: the numbers cannot be read.
    """
    return place_sha256(caption.place) if caption.place else text_sha256(caption.text)


def rows_of_captions(captions: Sequence[Caption], source: Source, where: str) -> Rows:
    """The row of each caption, (n,) int64; there is one for each, and it is of this sentence.

    Args:
        captions: what is asked for.
        source: vectors of captions; where it knows the digest of a sentence, that is compared.
        where: the corpus, for messages.

    Raises:
        CacheError: a caption has no vector, or that of another sentence; the first one is named.
    """
    rows = source.rows(caption.id for caption in captions)
    lost = [caption.id for caption, row in zip(captions, rows, strict=True) if row < 0]
    if lost:
        many = counted(len(lost), "caption")
        raise CacheError(
            f"{many} of the {len(captions):,} of {where} have no stored vector, first "
            f"{lost[0]!r}; {AGAIN}",
            mend=_mend(captions),
        )
    known = zip(captions, source.digests(rows), strict=True)
    other = [c.id for c, digest in known if digest not in ("", caption_sha256(c))]
    if other:
        raise CacheError(
            f"the stored vectors of {counted(len(other), 'caption')} of {where} are of other "
            f"sentences than are there now, first {other[0]!r}; {AGAIN}",
            mend=_mend(captions),
        )
    return rows


def _mend(captions: Sequence[Caption]) -> str:
    """What makes their vectors: an encoder of sentences, or an import where there are none."""
    return "import" if any(caption.place for caption in captions) else "text"
