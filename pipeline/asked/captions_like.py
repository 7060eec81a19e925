"""The captions of a run again, of other pictures: encoded as its own were."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from core.errors import RunError
from core.sealed import read_sealed
from core.sources import each_view, of_captions
from extract.texts.settings import TextSettings
from pipeline.memory.once import Once
from pipeline.said.progress import say
from pipeline.stages.terms import CorpusAt, Terms
from pipeline.stages.texts import texts
from train.record import CONFIG


class CaptionsLike(NamedTuple):
    """How ``run`` encoded captions: the encoder, its options, and what made the vectors."""

    run: Path
    spec: str
    settings: TextSettings
    made_by: Mapping[str, Any]

    def require_code(self) -> None:
        """Refuse an encoder whose file is not where it was.

        It is never looked for from the run: who hands on a run hands on no code that is run
        unasked.

        Raises:
            RunError: the file is not there; how the vectors are made with it elsewhere.
        """
        file, _, function = self.spec.rpartition(":")
        if file.endswith(".py") and not Path(file).is_file():
            raise RunError(
                f"{self.run} reads captions as {self.spec} encodes them, and that file is not "
                f"there; put it back, or make them with `features DATA --text FILE.py:{function}`, "
                "if you trust that file, and name that cache with --cache"
            )

    def made(self, data: CorpusAt, terms: Terms, once: Once, need: Sequence[str] = ()) -> Path:
        """The cache of the captions of ``data``; which code is run is said.

        Raises:
            RunError: as ``require_code``.
            CacheError: the encoder is another by now.
        """
        self.require_code()
        say(f"the captions are encoded by {self.spec}")
        share: dict[str, Any] = {"terms": terms, "need": need, "once": once}
        return texts(data, self.spec, self.settings, like=self.made_by, **share)


def captions_like(run: Path, views: Iterable[Mapping[str, Any]]) -> list[CaptionsLike]:
    """Of each of ``views``, as a run notes them, that is of captions and tells its encoder."""
    found = []
    for view in views:
        chosen = view.get("settings") or {}
        if of_captions(view["made_by"]) and "text" in chosen:
            given = {k: told for k, told in chosen.items() if k in TextSettings.model_fields}
            settings = TextSettings.model_validate(given)
            found.append(CaptionsLike(run, str(chosen["text"]), settings, view["made_by"]))
    return found


def captions_of(run: Path) -> list[CaptionsLike]:
    """What encodes captions as ``run``'s own were, whose ``config.json`` was found sound."""
    sources = read_sealed(run / CONFIG)["sources"].values()
    return captions_like(run, (view for origin in sources for view in each_view(origin)))
