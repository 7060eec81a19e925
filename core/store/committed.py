"""Does a shard count? Its .json, its bytes and what they hold, against each other."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, PositiveInt

from core.errors import CacheError
from core.files import IrregularFile, file_sha256
from core.sealed import read_sealed
from core.store.manifest import Failure, Layout, Sha256, first_fault
from core.store.shard import UNREADABLE, ShardContent, open_shard

MOMENT = ("missing file", "cannot be opened")


class _Facts(BaseModel):
    """The .json of a shard; those of earlier versions have no key, or no ``made_with``, in it."""

    model_config = ConfigDict(strict=True, extra="allow")

    rows: PositiveInt
    sha256: Sha256
    failures: list[Failure]
    key: Sha256 | None = None
    made_with: dict[str, Any] = {}


class Committed(NamedTuple):
    """A shard that counts: its .json, and the ids and file digests of its pictures."""

    facts: dict[str, Any]
    ids: list[str]
    digests: list[str]


def read_committed(file: Path, layout: Layout, key: str) -> Committed:
    """What the shard ``file`` and the .json beside it hold; every byte of it is read.

    Raises:
        CacheError: it does not count; the message says why.
        OSError: it cannot be read.
    """
    facts = read_facts(file.with_suffix(".json"), key)
    refuse_other_bytes(file, facts["sha256"], file.with_suffix(".json").name)
    content = open_shard(file, layout)
    if facts["rows"] != layout.rows:
        raise CacheError(f"{file.name} is damaged: it has not {layout.rows} rows")
    _refuse_other_failures(file, content, facts["failures"])
    for name, values in content.layers.items():
        if not finite(values):
            raise CacheError(f"{file.name} is damaged: {name} holds what is not finite")
    return Committed(facts, content.ids, content.digests)


def read_facts(file: Path, key: str) -> dict[str, Any]:
    """The .json of a shard of the cache ``key``.

    Raises:
        CacheError: it is missing, damaged, or of another cache.
    """
    try:
        facts = _Facts.model_validate(read_sealed(file)).model_dump(exclude_unset=True)
    except FileNotFoundError:
        raise CacheError(f"{file.name} is missing") from None
    except IrregularFile:
        raise CacheError(f"{file.name} is not a regular file") from None
    except (ValueError, RecursionError) as error:
        raise CacheError(f"{file.name} is damaged: {first_fault(error)}") from None
    if facts.get("key", key) != key:
        raise CacheError(f"{file.name} is of another cache")
    return facts


def told_by_shards(folder: Path, key: str) -> dict[str, Any] | None:
    """What the shards of a cache say that they were made with.

    Where they differ, all that they say stands there, so that it is like nothing that is here now.

    Args:
        folder: a cache whose manifest is lost.
        key: of the cache.

    Returns:
        None where no shard is there. Those of earlier versions tell nothing.
    """
    noted: list[dict[str, Any]] = []
    for file in sorted(folder.glob("shard-*.json")):
        if file.with_suffix(".h5").exists():
            with suppress(CacheError):
                noted.append(read_facts(file, key).get("made_with", {}))
    return _together(noted) if noted else None


def _together(noted: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Of each key what is said of it: one value, or all in one text; of mappings key by key."""
    told: dict[str, Any] = {}
    for name in dict.fromkeys(name for each in noted for name in each):
        said = [each[name] for each in noted if name in each]
        if all(value == said[0] for value in said):
            told[name] = said[0]
        elif all(isinstance(value, Mapping) for value in said):
            told[name] = _together(said)
        else:
            told[name] = " and ".join(dict.fromkeys(map(str, said)))
    return told


def refuse_other_bytes(file: Path, sha256: str, where: str) -> None:
    """Compare a shard with its digest, which is said in ``where``.

    Raises:
        CacheError: the shard is missing or damaged.
        OSError: it cannot be read.
    """
    try:
        found = file_sha256(file)
    except FileNotFoundError:
        raise CacheError(f"{file.name} is missing") from None
    except IrregularFile:
        raise CacheError(f"{file.name} is not a regular file") from None
    if found != sha256:
        raise CacheError(f"{file.name} is damaged: its sha256 is not the one in {where}")


def finite(values: npt.NDArray[Any]) -> bool:
    """Whether no value is a NaN or an infinity; row by row, for little memory."""
    return all(np.isfinite(row).all() for row in values)


def _refuse_other_failures(
    file: Path, content: ShardContent, failures: Sequence[Mapping[str, str]]
) -> None:
    """The failures are the pictures without features, each for a reason that will last.

    A picture that had a digest was there; that it was missing or could not be opened later was a
    fault of the moment, which earlier versions kept.
    """
    listed = [failure["id"] for failure in failures]
    unreadable = np.flatnonzero(content.status == UNREADABLE)
    if listed != [content.ids[row] for row in unreadable]:
        raise CacheError(f"{file.name} is damaged: its .json lists other pictures as unreadable")
    for row, failure in zip(unreadable, failures, strict=True):
        if content.digests[row] and failure["reason"].startswith(MOMENT):
            raise CacheError(
                f"{file.name} lacks {failure['id']!r} for a fault of the moment "
                f"({failure['reason']})"
            )
