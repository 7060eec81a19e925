"""What one process has read and compared, handed from stage to stage: nothing is done twice."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from core.provenance import SAMPLE
from core.records import Corpus
from core.sources import Source
from core.store import FeatureCache
from extract.code import code_of
from extract.digests import Picture
from extract.settings import FeatureSettings
from pipeline.corpus import read
from pipeline.memory.known import Known
from pipeline.memory.late import Late
from pipeline.memory.outlines import outline_of_run
from pipeline.said import former
from pipeline.said.progress import say
from train.former import changed_since
from train.identity import CODE
from train.opened import Opened, open_run
from train.outline import Outline
from train.record import Record


class Once:
    """Corpora and caches as they were when they were first asked for, and what is known of them.

    Attributes:
        known: what is kept in the work folder.
    """

    def __init__(self, work: Path, *, keeps: bool = True):
        """For the commands of one process that work in ``work``, where it ``keeps`` facts."""
        self.known = Known(work, keeps=keeps)
        self._work = work
        self._corpora: dict[tuple[Path, str], Corpus] = {}
        self._caches: dict[Path, FeatureCache] = {}
        self._pictures: dict[int, list[Picture]] = {}
        self._late: dict[tuple[str | None, ...], Late] = {}
        self._compared: dict[Path, Corpus] = {}
        self._whole: set[Path] = set()
        self._models: dict[Path, Record] = {}
        self._said: set[Path] = set()

    def corpus(self, path: Path, data_format: str) -> Corpus:
        """The corpus; what its reader dropped is said, once (see ``pipeline.corpus.read``)."""
        key = (path.resolve(), data_format)
        if key not in self._corpora:
            self._corpora[key] = read(path, data_format, self._work)
        return self._corpora[key]

    def first(self, corpus: Corpus) -> bool:
        """Whether features are made of ``corpus`` for the first time."""
        return id(corpus) not in self._pictures

    def pictures(self, corpus: Corpus, hashed: Callable[[], list[Picture]]) -> list[Picture]:
        """Every picture of a corpus that ``corpus`` gave, with its digest; ``hashed`` once."""
        if id(corpus) not in self._pictures:
            self._pictures[id(corpus)] = hashed()
        return self._pictures[id(corpus)]

    def late(self, settings: FeatureSettings) -> Late:
        """The backbone of ``settings``; the same one where the network is."""
        return self._late.setdefault(_network(settings), Late(settings, self.known))

    def let_go(self, settings: FeatureSettings, more: Sequence[FeatureSettings]) -> None:
        """The features of ``settings`` are there: their network is held for ``more`` alone."""
        if _network(settings) not in map(_network, more):
            self._late.pop(_network(settings), None)

    def cache(self, path: Path) -> FeatureCache:
        """The cache; every shard is compared with its digest, once."""
        key = path.resolve()
        if key not in self._caches:
            self._caches[key] = FeatureCache(path, check=key not in self._whole)
            self.made_by_former(path, self._caches[key].manifest, makes=False)
        return self._caches[key]

    def made_by_former(self, cache: Path, manifest: Mapping[str, Any], *, makes: bool) -> None:
        """Say, once, that the code of the backbone was another when ``cache`` was made.

        ``makes`` tells whether this command would make it anew.
        """
        now = code_of(str(manifest["fields"].get("backbone")))
        self._remark(cache, former.cache(cache, manifest, now, makes=makes))

    def trained_by_former(
        self,
        run: Path,
        config: Mapping[str, Any],
        outline: Outline,
        sources: Mapping[str, Source],
        *,
        makes: bool,
    ) -> None:
        """Say, once, that ``run`` was trained by other code than its recipe and sources have.

        ``makes`` tells whether this command would train it anew.
        """
        files = changed_since(config.get(CODE), outline, sources)
        self._remark(run, former.run(run, files, makes=makes))

    def compared(self, corpus: Corpus, cache: Path, *, whole: bool) -> None:
        """Note that ``cache`` was made of the files that the pictures of ``corpus`` are now.

        ``whole`` says that each of its bytes was read and compared, too.
        """
        self._compared[cache.resolve()] = corpus
        if whole:
            self._whole.add(cache.resolve())

    def whole(self, run: Path, record: Record) -> None:
        """Note that every byte of ``run`` was compared, and that ``record`` is its last one."""
        self._models[run.resolve()] = record

    def opened(self, run: Path) -> Opened:
        """The run without its model, of which every byte is compared, once.

        Raises:
            RunError: as ``train.opened.open_run``.
        """
        outlined = partial(outline_of_run, known=self.known)
        return open_run(run, outlined, self._models.get(run.resolve()))

    def sample(self, part: Corpus, cache: FeatureCache, most: int = SAMPLE) -> int:
        """How many files of ``part`` are to be compared with the cache's: none, or ``most``."""
        whole = self._compared.get(cache.path.resolve())
        # The very same records: a part of the corpus shares them with the whole.
        same = {id(image) for image in whole.images} if whole else set()
        return 0 if all(id(image) in same for image in part.images) else most

    def _remark(self, of: Path, note: str) -> None:
        if note and of.resolve() not in self._said:
            self._said.add(of.resolve())
            say(note)


def _network(settings: FeatureSettings) -> tuple[str | None, ...]:
    """All that ``Late`` is made of."""
    return settings.backbone, settings.weights, settings.transform
