"""``cache.json``: what a cache says of itself, read so that each fault is one line."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError

from core.errors import CacheError
from core.files import IrregularFile
from core.sealed import read_sealed
from core.store.key import FORMAT, cache_key

MANIFEST = "cache.json"
MEND = "run the same `features` command to mend it"

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]+$")]


class _Stated(BaseModel):
    """JSON values as they must be; others beside them are left to who reads them."""

    model_config = ConfigDict(strict=True, extra="allow")


class Failure(_Stated):
    """A picture without features, and why."""

    id: str
    reason: str


class Fields(_Stated):
    """Of all that makes the numbers, what the bytes of a shard can be held against."""

    layers: Annotated[dict[Name, list[PositiveInt]], Field(min_length=1)]
    crops: PositiveInt
    keep: Literal["mean", "all"]
    dtype: Literal["float32", "float16"]
    corpus: Sha256
    own_weights: dict[Name, Sha256] = {}


class _ShardEntry(_Stated):
    file: str
    rows: PositiveInt
    sha256: Sha256


class _Begun(_Stated):
    format: str
    key: Sha256
    fields: Fields
    rows: PositiveInt
    shard_size: PositiveInt
    made_with: dict[str, Any] = {}


class _Complete(_Begun):
    shards: list[_ShardEntry]
    failures: list[Failure]


class Layout(NamedTuple):
    """What a shard must hold: rows, each layer's shape of one picture, and their dtype."""

    rows: int
    layers: Mapping[str, tuple[int, ...]]
    dtype: str


def layout(fields: Mapping[str, Any], rows: int) -> Layout:
    """What a shard of so many rows must hold, by the fields that make the key.

    Raises:
        CacheError: the fields do not say it.
    """
    try:
        stated = Fields.model_validate(dict(fields))
    except ValidationError as error:
        raise CacheError(f"fields that make no cache: {first_fault(error)}; mend them") from None
    kept = stated.crops if stated.keep == "all" else 1
    layers = {name: (kept, *shape) for name, shape in stated.layers.items()}
    return Layout(rows, layers, stated.dtype)


def shard_name(number: int) -> str:
    """The file of a shard; its facts lie beside it, as .json."""
    return f"shard-{number:05d}.h5"


def shard_rows(number: int, shard_size: int, rows: int) -> range:
    """Which of ``rows`` pictures a shard holds."""
    return range(number * shard_size, min((number + 1) * shard_size, rows))


def shard_count(shard_size: int, rows: int) -> int:
    """How many shards ``rows`` pictures make."""
    return -(-rows // shard_size)


def sound_manifest(folder: Path) -> dict[str, Any] | None:
    """What a writer may go on from, complete or not; None if it is missing or damaged.

    Raises:
        OSError: it is there and cannot be read.
    """
    try:
        manifest = read_sealed(folder / MANIFEST)
        _Begun.model_validate(manifest)
    except (FileNotFoundError, NotADirectoryError, IrregularFile, ValueError, RecursionError):
        return None
    return manifest if _has_its_key(manifest) else None


def read_manifest(path: Path) -> dict[str, Any]:
    """The manifest of a complete cache.

    Raises:
        CacheError: no cache there, another format, or an extraction that has not ended.
        OSError: it is there and cannot be read.
    """
    file = path / MANIFEST
    try:
        manifest = read_sealed(file)
        _refuse(path, manifest)
        _refuse_other_shards(manifest)
    except (FileNotFoundError, NotADirectoryError):
        raise CacheError(
            f"{path} is not a feature cache (no {MANIFEST}); make one with `features`"
        ) from None
    except IrregularFile as error:
        raise CacheError(f"{file} {error.strerror}; move it elsewhere and {MEND}") from None
    except (ValueError, KeyError, RecursionError) as error:
        raise CacheError(f"{file} is damaged ({first_fault(error)}); {MEND}") from None
    return manifest


def first_fault(error: Exception) -> str:
    """The first thing that is wrong, on one line."""
    if isinstance(error, ValidationError):
        fault = error.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"
    text = " ".join(str(error).split())
    return text if type(error) is ValueError else f"{type(error).__name__}: {text}"


def _refuse(path: Path, manifest: dict[str, Any]) -> None:
    if manifest["format"] != FORMAT:
        raise CacheError(
            f"{path} has format {manifest['format']!r}, not {FORMAT!r}; run `features` again"
        )
    if not _has_its_key(manifest):
        raise CacheError(
            f"{path / MANIFEST} was changed: its key is not that of its fields; {MEND}"
        )
    if manifest["complete"] is not True:
        raise CacheError(f"{path} is not complete; run the same `features` command to finish it")
    _Complete.model_validate(manifest)


def _refuse_other_shards(manifest: Mapping[str, Any]) -> None:
    """The shards that so many rows make, in their order, and no path that leads elsewhere."""
    rows, size, shards = manifest["rows"], manifest["shard_size"], manifest["shards"]
    if sum(shard["rows"] for shard in shards) != rows or len(shards) != shard_count(size, rows):
        raise ValueError(f"its shards do not add up to {rows} rows")
    for number, shard in enumerate(shards):
        if shard["file"] != shard_name(number) or shard["rows"] != len(
            shard_rows(number, size, rows)
        ):
            raise ValueError(f"{shard['file']!r} is not shard {number}")


def _has_its_key(manifest: Mapping[str, Any]) -> bool:
    fields = manifest["fields"]
    return isinstance(fields, dict) and cache_key(fields) == manifest["key"]
