"""Which cache or run a name means, and whether it may be removed."""

import os
from pathlib import Path

from core.errors import InputError, choices
from core.wording import counted
from pipeline.inventory.caches import CacheRow, cache_row
from pipeline.inventory.holdings import Holdings
from pipeline.inventory.runs import RunRow, run_row
from pipeline.inventory.strangers import FORMATS, is_ours, says, strangers
from pipeline.memory.linked import as_known

SEE = "`python -m pipeline list` shows what there is"


def target(name: str, holdings: Holdings) -> CacheRow | RunRow:
    """The one cache or run of that name, at that path, or whose name alone begins so.

    Raises:
        InputError: there is none, there are several, it is something else or a link, or it holds
            what no command wrote.
    """
    row = _found(name, holdings)
    if row.path.is_symlink():
        raise InputError(
            f"{row.path} is a link: nothing was removed; remove the link itself, or give the path "
            f"that it leads to, {row.path.resolve()}"
        )
    others = strangers(row)
    if others:
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        raise InputError(
            f"{row.path} holds {others[0]!r}{more}, which no command wrote: nothing was "
            "removed; move that elsewhere first"
        )
    if not is_ours(row.path):
        raise InputError(
            f"nothing in {row.path} says that a command wrote it: nothing was removed; look at it, "
            "and delete the folder itself"
        )
    return row


def _found(name: str, holdings: Holdings) -> CacheRow | RunRow:
    exact = [row for row in holdings.rows if row.name == name]
    if len(exact) == 1:
        return exact[0]
    path = Path(name)
    if name and not exact and (path.is_symlink() or path.exists()):
        return _at(path, holdings)
    begun = exact or [row for row in holdings.rows if name and row.name.startswith(name)]
    if len(begun) == 1 and os.sep not in name:
        return begun[0]
    if begun:
        listed = ", ".join(str(row.path) for row in begun)
        raise InputError(
            f"{name!r} begins {counted(len(begun), 'name')}: {listed}; give more of one"
        )
    known = [row.name for row in holdings.rows]
    raise InputError(
        f"{name!r} is no cache or run in {holdings.work}: {choices(name, known)}; {SEE}"
    )


def _at(path: Path, holdings: Holdings) -> CacheRow | RunRow:
    """What is at a path, which may be outside of the work folder."""
    place = as_known(path) if path.is_symlink() else path.resolve()
    inside = next((row for row in holdings.rows if as_known(row.path) == place), None)
    if inside:
        return inside
    kinds = {format.split("/")[0] for file, format in FORMATS.items() if says(place, file)}
    if kinds == {"tencrop-features"}:
        return cache_row(place)
    if kinds == {"tencrop-run"}:
        return run_row(place, holdings.work)
    raise InputError(f"{path} is no cache and no run: nothing was removed; {SEE}")
