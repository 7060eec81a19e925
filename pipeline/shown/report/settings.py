"""By what settings a run was trained, and where its numbers come from."""

from collections.abc import Iterator, Mapping
from typing import Any

from core.wording import counted
from pipeline.shown.document import Section
from pipeline.shown.markup import Html, join, tag
from pipeline.shown.report.given import Given
from pipeline.shown.table import facts

SAID = (
    *("run", "recipe", "seed", "epoch", "epochs", "epochs_done", "finished", "model", "gallery"),
    *("corpus", "split", "asked", "trained_on", "chosen_on", "named_alike"),
    *("other_than_at_training", "cache", "shards", "encoders", "similarity", "device", "threads"),
    *("torch", "version", "commit", "code", "format", "files"),
)
"""The fields of a report that tell where it comes from, in the order in which they are shown."""


def settings(given: Given) -> Section:
    """The recipe of each run, option by option."""
    told = [_of_one(run.run.name, run.config["identity"]["settings"]) for run in given.runs]
    missing = tag("p", "A matrix of similarities says nothing of how it was trained.")
    return Section("settings", "Settings", join(*(told or [missing])))


def provenance(given: Given) -> Section:
    """Which run, features, corpus, machine and program."""
    pairs = [(k, v) for name in SAID if name in given.report for k, v in _flat(name, given.report)]
    below = "report.json, which lies beside this page, says all of it to programs."
    shown = facts(pairs, label="Where the numbers come from")
    return Section("provenance", "Provenance", join(shown, tag("p", below, class_="soft")))


def _of_one(name: str, chosen: Mapping[str, Any]) -> Html:
    pairs = [(key, value) for top in sorted(chosen) for key, value in _flat(top, chosen)]
    shown = facts(pairs, label=f"Settings of {name}")
    return tag("details", tag("summary", f"{name}: {counted(len(pairs), 'option')}"), shown)


def _flat(name: str, among: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A value with what is in it, each under its dotted name, sorted as in the file."""
    value = among[name]
    if isinstance(value, Mapping) and value:
        for inner in sorted(value):
            for key, told in _flat(inner, value):
                yield f"{name}.{key}", told
    elif isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
        numbered = {str(number): each for number, each in enumerate(value, start=1)}
        yield from _flat(name, {name: numbered})
    else:
        yield name, _told(value)


def _told(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_told, value)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None or value == {} else str(value)
