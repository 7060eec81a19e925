"""A run that was made last and is not where it was: said before hours are spent on it again."""

from pathlib import Path

from pipeline.asked.renamed import beside
from pipeline.memory.moved import with_work
from pipeline.typed.by_make import as_typed


def gone(run: Path | None, work: Path) -> list[str]:
    """A line where ``run``, which was made last, is not there; none where it will be found.

    Args:
        run: where it was; None where none was made.
        work: the work folder, as it is to be typed.
    """
    if run is None or run.exists() or beside(run):
        return []
    judge = as_typed(with_work("evaluate RUN", work), make=with_work("eval RUN=NAME", work))
    return [
        f"the run that was made last, {run.name}, is not there any more: it is trained again; if "
        f"it was renamed, name it: {judge}"
    ]
