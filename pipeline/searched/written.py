"""The vectors of a run as files for other programs, and where they are kept."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import InputError
from core.files import json_sha256, plain_name
from core.vector_files import forget_vectors, is_ours, write_vectors
from core.vectors import Vectors
from core.wording import counted
from pipeline.asked.answers import ELSEWHERE, require_writable, writing
from pipeline.memory.journal import journal
from pipeline.said.progress import say
from pipeline.stages.terms import Terms
from train.identity import read_run

FOLDER = "embedded"
"""Where vectors are below a work folder, unless another place is given."""
NAMES = ("images", "captions")
Side = tuple[Vectors, npt.NDArray[np.float32] | None]
"""(N, D), and the bias (N,) of each row, where the run has one."""


def written(
    run: Path,
    sides: Mapping[str, Side],
    facts: Mapping[str, Any],
    named: Sequence[str],
    out: Path | None,
    terms: Terms,
) -> Path:
    """Write each side, by its name of ``NAMES``; return the folder, which has no other of these.

    Args:
        run: whose vectors they are.
        sides: what is written.
        facts: what stands beside the ids, besides the run's.
        named: words of the folder's name.
        out: another folder than the one of the work folder.
        terms: where that is.

    Raises:
        InputError: the folder holds files of these names that were not written here.
        RunError: it cannot be written.
    """
    whole = {"run": run.resolve().name, "model": read_run(run)[1].model_sha256, **facts}
    digest = json_sha256([whole, [side.id.tolist() for side, _ in sides.values()]])[:8]
    called = plain_name("-".join([run.resolve().name[:100], *named, digest]))
    folder = out or terms.work / FOLDER / called
    if out:  # in the work folder's own nobody else has anything
        _require_ours(folder)
    require_writable(folder, ELSEWHERE)
    with (
        journal(terms.work, "embed", run, device=terms.device) as entry,
        writing(folder, ELSEWHERE),
    ):
        entry.what, entry.items = folder, sum(len(side.id) for side, _ in sides.values())
        for name in NAMES:
            if name in sides:
                side, bias = sides[name]
                file = write_vectors(folder, name, side, whole, bias)
                entry.bytes += file.stat().st_size
                rows, width = side.value.shape
                say(f"written: {file}, {counted(rows, 'vector')} of {width:,} float32 numbers")
            else:
                forget_vectors(folder, name)
    return folder


def _require_ours(folder: Path) -> None:
    """Refuse to write over what other programs, or persons, have put there.

    Raises:
        InputError: there is such a file.
    """
    for name in NAMES:
        if not is_ours(folder, name):
            raise InputError(
                f"{folder} holds {name} that `embed` has not written, or that have lost their "
                f"{name}.json; move them away, or {ELSEWHERE}"
            )
