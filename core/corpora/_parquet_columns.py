"""Which columns of a Parquet table hold the pictures, their names, captions, splits and labels."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from core.corpora._columns import CAPTION, IMAGE
from core.errors import InputError

_BYTES = ("binary", "large_binary", "binary_view", "dictionary<values=binary")
_TEXT = ("string", "large_string", "string_view", "dictionary<values=string")
_NUMBERED = re.compile(r"(caption|text|sentence|comment)_?\d+")
_PICTURES = (*IMAGE, "jpg", "jpeg", "png", "webp", "bytes", "image_bytes", "img_bytes")


@dataclass(frozen=True, slots=True)
class Roles:
    """Column names, empty where there is none: ``pictures`` of bytes, ``names`` of paths."""

    pictures: str
    names: str
    captions: tuple[str, ...]
    split: str
    label: str


def roles(types: Mapping[str, str], where: str) -> Roles:
    """What each column of a table is for.

    Args:
        types: by column, and by field of a struct: ``image.bytes`` (``core.parquet.Table``).
        where: for a message.

    Raises:
        InputError: neither pictures nor paths of them are found, several columns may be it, or
            splits are no texts.
    """
    pictures = _one(_of_kind(types, _PICTURES, _BYTES) or _bytes_in(types), "image", where)
    struct = pictures.rpartition(".")[0]
    inner = f"{struct}.path" if struct and f"{struct}.path" in types else ""
    beside = _of_kind(types, IMAGE, _TEXT)
    if not pictures and not beside:
        raise InputError(
            f"{where}: no column of pictures among {', '.join(types)[:120]}; call that of their "
            "bytes or paths image"
        )
    names = inner or (_one(beside, "image", where) if not pictures or len(beside) == 1 else "")
    return Roles(pictures, names, _captions(types, where), _split(types, where), _label(types))


def untold(types: Mapping[str, str]) -> str:
    """Why there are no captions: the column that is called so, and of what type it is."""
    usual = (n for n in types if n.lower() in CAPTION or _NUMBERED.fullmatch(n.lower()))
    odd = next((name for name in usual), "")
    return (
        f"{odd!r} is of type {types[odd]}, and captions are texts or lists of texts" if odd else ""
    )


def _of_kind(types: Mapping[str, str], usual: tuple[str, ...], kinds: tuple[str, ...]) -> list[str]:
    """The columns of a usual name and of one of these kinds, structs of bytes as their field."""
    return [name for name in types if name.lower() in usual and types[name].startswith(kinds)]


def _bytes_in(types: Mapping[str, str]) -> list[str]:
    """The field ``bytes`` of each struct of a usual name, as Hugging Face keeps pictures."""
    inner = (name for name in types if name.endswith(".bytes"))
    return [
        name
        for name in inner
        if types[name].startswith(_BYTES) and name.removesuffix(".bytes").lower() in _PICTURES
    ]


def _captions(types: Mapping[str, str], where: str) -> tuple[str, ...]:
    texts = [n for n in types if types[n].startswith(_TEXT) or _is_list(types[n])]
    numbered = [name for name in texts if _NUMBERED.fullmatch(name.lower())]
    usual = [name for name in texts if name.lower() in CAPTION]
    return (_one(usual, "caption", where),) if usual else tuple(sorted(numbered))


def _is_list(kind: str) -> bool:
    return re.fullmatch(r"(large_)?list<\w+: (large_)?string( not null)?>", kind) is not None


def _label(types: Mapping[str, str]) -> str:
    return next((name for name in types if name.lower() == "label"), "")


def _split(types: Mapping[str, str], where: str) -> str:
    name = next((name for name in types if name.lower() == "split"), "")
    if name and not types[name].startswith(_TEXT):
        raise InputError(
            f"{where}: the column {name!r} is of type {types[name]}; write texts (train, val, test)"
        )
    return name


def _one(found: list[str], ours: str, where: str) -> str:
    exact = [name for name in found if name.partition(".")[0].lower() == ours]
    chosen = exact or found
    if len(chosen) > 1:
        raise InputError(
            f"{where}: {' and '.join(map(repr, chosen))} may be the column {ours!r}; call one so"
        )
    return chosen[0] if chosen else ""
