"""The indexes of a collection, ready to be asked; how much they find is said."""

from collections.abc import Callable
from typing import get_args

from core.errors import InputError
from pipeline.indexed.candidates import Candidates
from pipeline.indexed.kept import load, record_of
from pipeline.indexed.told import recall
from pipeline.said.progress import say
from pipeline.searched.collection import Collection
from pipeline.searched.face import Find


def opened(collection: Collection, find: Find, line: str) -> Candidates:
    """Who may be among the nearest of a side; ``line`` is what builds an index, as it is typed.

    Raises:
        InputError: there is no index of these vectors, it is damaged, or FAISS is not installed.
    """
    if collection.folder is None:
        raise InputError("these vectors are kept nowhere, and have no index; leave --index out")
    index, facts = load(collection.folder, find, line)
    say(f"by the index {facts['file']}: {recall(facts)}")
    return Candidates(index, facts["count"], facts["effort"], facts["candidates"])


def all_opened(collection: Collection, line: Callable[[Find], str]) -> dict[Find, Candidates]:
    """The indexes of both sides; of a side that has none it is said that all of it is compared.

    ``line`` gives what builds the index of a side, as it is typed.

    Raises:
        InputError: as ``opened``, also where neither side has one.
    """
    sides: tuple[Find, ...] = get_args(Find)
    folder = collection.folder
    there = [find for find in sides if folder and record_of(folder, find).exists()]
    found = {find: opened(collection, find, line(find)) for find in there or sides[:1]}
    lacking = [find for find in sides if find not in found]
    if collection.captions is None and "captions" in lacking:
        lacking.remove("captions")
    for find in lacking:
        say(f"there is no index of {find}: they are all compared; to build one type {line(find)}")
    return found
