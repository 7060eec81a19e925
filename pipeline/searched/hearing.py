"""New sentences as a run reads them: of one that reads stored vectors, by its own encoder."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.records import Caption
from core.sources import TEXT, Source, StoredVectors, each_view, of_captions, refuse_other_facts
from pipeline.asked.captions_like import CaptionsLike, captions_like
from pipeline.said.progress import say
from pipeline.searched.unmade import refuse_unheard

if TYPE_CHECKING:
    from extract.texts.encoder import TextEncoder

WAY_OUT = "give back the run's own encoder, as it was, or search with a picture"


class Hearing:
    """The sentence encoders of a run, in memory; none, of a run that reads words."""

    def __init__(self, run: Path, read: Mapping[str, Any], device: str):
        """Open each encoder that the sources ``read`` tell; whose code is run is said.

        Raises:
            RunError: the encoder of a source is not known, or its file is gone.
            CacheError: the encoder is another by now: nothing of its code was run.
        """
        refuse_unheard(run)
        told = {n: origin for n, origin in read.items() if of_captions(origin["made_by"])}
        self._encoders = {name: _opened(run, each, device) for name, each in told.items()}

    def sources(self, sentences: Sequence[str]) -> dict[str, Source]:
        """What the run reads of sentences whose ids are their numbers; nothing, of words.

        Raises:
            SettingError, InputError, NumberError: as ``extract.texts.encoding.encode``.
        """
        from extract.texts.encoding import encode_all

        captions = [Caption(str(number), text) for number, text in enumerate(sentences)]
        found: dict[str, Source] = {}
        for name, (like, encoder) in self._encoders.items():
            width, batch = like.made_by["layers"][TEXT][0], like.settings.batch
            values = encode_all(encoder, captions, width, batch, lambda done: None)
            kept = values[:, None].astype(like.settings.dtype)
            found[name] = StoredVectors([c.id for c in captions], kept, like.made_by)
        return found


def _opened(
    run: Path, origin: Mapping[str, Any], device: str
) -> "tuple[CaptionsLike, TextEncoder]":
    from extract.texts.spec import open_encoder

    like = captions_like(run, each_view(origin))[0]
    like.require_code()

    def refuse_others(facts: Mapping[str, Any]) -> None:
        then = {fact: like.made_by.get(fact) for fact in facts}
        refuse_other_facts(f"sentences as {like.spec} encodes them", then, facts, WAY_OUT)

    encoder = open_encoder(like.spec, device, refuse_others)
    refuse_others(encoder.made_by(like.made_by["layers"][TEXT][0], like.made_by["dtype"]))
    say(f"sentences are encoded by {like.spec}")
    return like, encoder
