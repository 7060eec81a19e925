"""Stage one of captions: a corpus and a sentence encoder to a cache."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.sources import TEXT, refuse_other_facts
from core.store.manifest import read_manifest
from core.wording import counted, lasting
from core.work_folder import FEATURES
from extract.texts.run import encode_captions
from extract.texts.settings import TextSettings
from extract.texts.spec import open_encoder
from pipeline.memory.journal import journaled
from pipeline.memory.machine import machine
from pipeline.memory.once import Once
from pipeline.refusals.ahead import require_splits
from pipeline.said import opening
from pipeline.said.progress import bar, say
from pipeline.stages.terms import CorpusAt, Terms

WAY_OUT = "give back the run's own encoder, as it was, or train on these"


@journaled("features", lambda cache: (cache, int(read_manifest(cache)["rows"])))
def texts(
    data: CorpusAt,
    spec: str,
    settings: TextSettings,
    *,
    terms: Terms,
    like: Mapping[str, Any] | None = None,
    need: Sequence[str] = (),
    once: Once | None = None,
) -> Path:
    """The directory of the cache of the captions of ``data``, as the encoder ``spec`` gives them.

    No picture is read. With ``like``, facts of what a run was trained on, another encoder is
    refused; nothing is encoded where no picture with a caption is in a split of ``need``.

    Raises:
        CacheError: the encoder is another than that of ``like``.
    """
    once = once or Once(terms.work)
    corpus = once.corpus(data.path, data.data_format)
    if once.first(corpus):
        say(opening.corpus_found(corpus))
    require_splits(corpus, need)
    computing = machine(terms.device, once.known)

    def refuse_others(facts: Mapping[str, Any]) -> None:
        then = facts if like is None else {name: like.get(name) for name in facts}
        refuse_other_facts(f"the captions' vectors by {spec}", then, facts, WAY_OUT)

    encoder = open_encoder(spec, computing.device, refuse_others)
    if like is not None:
        refuse_others(encoder.made_by(like["layers"][TEXT][0], like["dtype"]))
    say(f"{encoder.name}: a vector a caption, {settings.dtype}; on {computing.device}")
    began, total = time.monotonic(), len(corpus.captions)
    there = []
    with bar("captions", total, "caption") as progress:

        def begun(path: Path, done: int) -> None:
            there.append(done)
            say(opening.cached(path, done, total, "caption"))

        cache = encode_captions(
            corpus,
            encoder,
            terms.work / FEATURES,
            settings,
            progress=progress,
            begun=begun,
            say=say,
        )
    if new := total - there[0]:
        say(f"{counted(new, 'caption')} encoded in {lasting(time.monotonic() - began)}")
    return cache
