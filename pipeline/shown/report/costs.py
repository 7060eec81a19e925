"""What a report took: time and bytes of the stages before it, as the journal tells."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from core.files import read_regular
from core.wording import counted, lasting
from core.work_folder import JOURNAL
from pipeline.shown.document import Section
from pipeline.shown.markup import join, tag
from pipeline.shown.report.given import Given
from pipeline.shown.table import table

HEAD = ("stage", "made", "began (UTC)", "time", "items", "MB", "on", "outcome")
CACHED = {"features", "import"}
"""The stages that make caches; another that names one was given it, and made nothing."""


def costs(given: Given) -> Section:
    """A row a command that made the run, its caches or this report; then all of them together."""
    made = [*dict.fromkeys(given.caches), *(run.run for run in given.runs), given.folder]
    lines = list(_lines(given))
    named = {Path(line["what"]).name for line in lines}
    told = f"{lasting(sum(line['seconds'] for line in lines))} in all, as {JOURNAL} tells."
    if lacking := [path.name for path in made if path.resolve().name not in named]:
        told += f" It has no line of {' and '.join(lacking)}."
    shown = table(HEAD, [_row(line) for line in lines], label="What it took", numbers=False)
    return Section("costs", "Time and bytes", join(shown, tag("p", told, class_="soft")))


def _lines(given: Given) -> Iterator[Mapping[str, Any]]:
    """Those of the journal that made a cache, a run or the report; what is damaged is left out."""
    try:
        text = read_regular(given.work / JOURNAL).decode("utf-8", "replace")
    except OSError:
        return
    for line in text.splitlines():
        with suppress(ValueError, KeyError, TypeError):
            told = json.loads(line)
            if _made(told["stage"], Path(told["what"]), given):
                _row(told)
                yield told


def _made(stage: str, what: Path, given: Given) -> bool:
    """Whether a stage made something of these: what moved as a whole has the name that it had."""
    if stage in CACHED:
        return what.name in {path.resolve().name for path in given.caches}
    if stage == "train":
        return what.name in {run.run.resolve().name for run in given.runs}
    return what.parts[-2:] == given.folder.resolve().parts[-2:]


def _row(line: Mapping[str, Any]) -> list[str]:
    when = datetime.fromisoformat(line["when"]).strftime("%Y-%m-%d %H:%M")
    on = f"{line['device']}, {counted(line['threads'], 'thread')}"
    return [
        str(line["stage"]),
        Path(line["what"]).name,
        when,
        lasting(float(line["seconds"])),
        f"{int(line['items']):,}",
        f"{int(line['bytes']) / 1e6:,.1f}",
        on,
        str(line["outcome"]),
    ]
