"""The options by which the vectors of a run over a corpus are found or made."""

from collections.abc import Callable
from functools import reduce, wraps
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.stages.terms import CorpusAt, Terms
from pipeline.typed import options


class Where(NamedTuple):
    """Of which corpus, from which caches, kept where: as ``pipeline.searched.collect`` takes it."""

    terms: Terms
    data: CorpusAt | None
    caches: tuple[Path, ...]
    out: Path | None


_OPTIONS = (
    options.other,
    options.data_format,
    options.caches,
    options.vectors,
)


def searching(command: Callable[..., None]) -> Callable[..., Any]:
    """Give a command these options, ``--max-errors``, ``--device`` and ``--work``, as ``where``."""

    @wraps(command)
    def gathered(
        *,
        data: Path | None,
        data_format: str,
        caches: tuple[Path, ...],
        out: Path | None,
        terms: Terms,
        **given: Any,
    ) -> None:
        corpus = CorpusAt(data, data_format) if data else None
        command(**given, where=Where(terms, corpus, caches, out))

    typed = options.terms(gathered)
    return reduce(lambda wrapped, option: option(wrapped), reversed(_OPTIONS), typed)
