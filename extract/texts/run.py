"""Stage one of captions: a corpus and a sentence encoder to a cache."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import CacheError, InputError
from core.files import plain_name
from core.records import Corpus
from core.sources import TEXT, text_sha256
from core.store import FeatureWriter, find_complete
from core.store.key import corpus_digest
from core.store.manifest import MANIFEST
from extract.texts.encoder import TextEncoder
from extract.texts.encoding import encode, encode_all
from extract.texts.settings import TextSettings

Begun = Callable[[Path, int], None]
"""Told the cache's directory and how many captions are there, before any other is encoded."""
Progress = Callable[[int, int], None]
"""Told (captions done, captions in all)."""
Say = Callable[[str], None]


def encode_captions(
    corpus: Corpus,
    encoder: TextEncoder,
    root: Path,
    settings: TextSettings,
    *,
    progress: Progress = lambda done, total: None,
    begun: Begun = lambda path, there: None,
    say: Say = lambda note: None,
) -> Path:
    """Encode every caption of ``corpus`` that is not in the cache yet; no picture is read.

    A complete cache is found before anything is locked or written; the encoder is asked for one
    vector first, since its width is part of the key.

    Args:
        corpus: its captions become rows, sorted by id.
        encoder: opened.
        root: the folder of all caches.
        settings: what is kept, and how.
        progress: told after each call of the encoder.
        begun: told once.
        say: told sentences for a person.

    Returns:
        The directory of the complete cache.

    Raises:
        InputError: there is no caption, or the encoder gave what are no vectors.
        SettingError: the encoder failed.
        NumberError: a number is not finite, or too large for float16.
        CacheError: one may not write there, or it was begun with other libraries.
        BusyError: another process writes this cache.
    """
    if not corpus.captions:
        raise InputError(f"{corpus.name} has no captions to encode; add captions")
    captions = sorted(corpus.captions, key=lambda caption: caption.id)
    width = encode(encoder, captions[:1]).shape[1]
    items = [(caption.id, text_sha256(caption.sentence)) for caption in captions]
    of = corpus_digest([item for item, _ in items], [digest for _, digest in items])
    fields = {**encoder.made_by(width, settings.dtype), "corpus": of}
    found = find_complete(root, fields)
    if found:
        begun(found, len(items))
        return found
    name = plain_name(f"{corpus.name}-{encoder.name}")
    made_with = _made_with(encoder, settings)
    opened = FeatureWriter.open(
        root, name, fields, items, shard_size=settings.shard_size, made_with=made_with
    )
    with opened as writer:
        if writer.lost:
            say(f"{writer.path / MANIFEST} was lost: it is written again, as the shards tell")
        pending = writer.pending()
        _as_begun(writer, pending, made_with)
        batch = settings.batch_size or int(writer.made_with.get("batch_size", settings.batch))
        writer.noted = {**made_with, **writer.made_with, "batch_size": batch}
        done = len(items) - sum(len(rows) for _, rows in pending)
        begun(writer.path, done)
        for number, rows in pending:
            advance = _from(done, len(items), progress)
            part = captions[rows.start : rows.stop]
            vectors = encode_all(encoder, part, width, batch, advance)
            with np.errstate(over="ignore"):  # which the writer refuses
                kept = vectors[:, None].astype(settings.dtype)
            writer.commit(number, {TEXT: kept}, {})
            done += len(rows)
        return writer.finish()


def _from(before: int, total: int, report: Progress) -> Callable[[int], None]:
    report(before, total)
    return lambda count: report(before + count, total)


def _made_with(encoder: TextEncoder, settings: TextSettings) -> dict[str, Any]:
    chosen = settings.model_dump(mode="json") | {"text": encoder.spec}
    return {
        "settings": chosen,
        "libraries": dict(encoder.libraries),
        "batch_size": settings.batch,
    }


def _as_begun(
    writer: FeatureWriter, pending: Sequence[tuple[int, range]], now: Mapping[str, Any]
) -> None:
    """Begin again where no shard is there; else refuse libraries that are not those of the shards.

    Raises:
        CacheError: they are others, whose last digits may differ.
    """
    missing, of = len(pending), writer.shards
    if missing == of:
        writer.begin_again(now)
        return
    then = writer.made_with.get("libraries", {})
    for name, here in now["libraries"].items() if missing else ():
        if then.get(name, here) != here:
            raise CacheError(
                f"{of - missing} of the {of} shards of {writer.path} were made with {name} "
                f"{then[name]}, and here is {here}, whose last digits may differ; go on with "
                f"{name} {then[name]}, or begin another cache with another --work folder"
            )
