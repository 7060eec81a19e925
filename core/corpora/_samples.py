"""The samples of tar files in WebDataset's form: what belongs to one picture, by its name."""

import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.corpora._places import inside
from core.corpora._reading import parse_json, refuse_surrogates
from core.corpora._survey import is_visible
from core.corpora._unpack import unpacked
from core.errors import InputError
from core.files import open_regular
from core.pictures import MOST_FILE, is_picture
from core.places import Part
from core.splits import split_word
from core.tar import Member, members
from core.wording import counted

MOST_TEXT = 2**24
"""Bytes of a text: no caption has as many."""
_TEXTS = (".txt", ".json", ".cls")
_TABLES = ("captions.csv", "captions.tsv", "captions.jsonl", "captions.txt")


@dataclass(slots=True)
class Sample:
    """One picture, and what the texts of its name say."""

    name: str
    part: Part
    captions: list[str] = field(default_factory=list)
    split: str | None = None
    labels: list[str] = field(default_factory=list)


def samples(tar: Path) -> tuple[list[Sample], list[str]]:
    """The pictures of a tar with their texts, and what was left out and why.

    A text belongs to the pictures whose name it has but for the ending, or, where there are none,
    but for all that follows the first full stop, as WebDataset has it.

    Raises:
        InputError: a damaged tar (``core.tar``), a name there twice, or a text that is no UTF-8 or
            no JSON of the known form.
    """
    left: list[str] = []
    names = dict(_visible(tar, left))
    found = [Sample(n, Part(tar, m.offset, m.length)) for n, m in names.items() if is_picture(n)]
    of: dict[str, list[Sample]] = defaultdict(list)
    for each in found:
        for key in {_stem(each.name), _key(each.name)}:
            of[key].append(each)
    with open_regular(tar) as stream:
        for name, member in names.items():
            if is_picture(name):
                continue
            owners = [each for each in of[_stem(name)] if _stem(each.name) == _stem(name)]
            owners = owners or of[_key(name)]
            if owners:
                text = _text(stream.fileno(), member, f"{tar}: {name}")
                for owner in owners:
                    _tell(owner, name, text, f"{tar}: {name}")
            else:
                left.append(f"{name}: no picture of the same name")
    return found, left


def _visible(tar: Path, left: list[str]) -> Iterator[tuple[str, Member]]:
    """The members that count, by name; the reasons for which others do not go to ``left``."""
    seen: set[str] = set()
    for member in members(tar):
        if member.name.rpartition("/")[2].lower() in _TABLES:
            raise InputError(
                f"{tar}: holds {member.name!r}, a table, which is read from a folder; "
                f"{unpacked(tar)}"
            )
        if not (is_picture(member.name) or member.name.lower().endswith(_TEXTS)):
            continue
        where = f"{tar}: {member.name!r}"
        try:
            name = inside(member.name, where)
        except InputError:
            left.append(f"{member.name!r}: no path inside a folder")
            continue
        if not all(map(is_visible, name.split("/"))):
            continue
        large = is_picture(name) and member.length > MOST_FILE
        if why := member.odd or (f"larger than {MOST_FILE:,} bytes" if large else ""):
            left.append(f"{name}: {why}")
            continue
        if name in seen:
            raise InputError(f"{where} is there twice; make the tar again with names of their own")
        seen.add(name)
        yield name, member


def _text(handle: int, member: Member, where: str) -> str:
    if member.length > MOST_TEXT:
        raise InputError(f"{where} is larger than {MOST_TEXT:,} bytes; take it out")
    try:
        return os.pread(handle, member.length, member.offset).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{where}: not UTF-8 text; make the tar again with UTF-8") from None


def _tell(sample: Sample, name: str, text: str, where: str) -> None:
    ending = name.lower().rpartition(".")[2]
    if ending == "json":
        _tell_json(sample, parse_json(text, where), where)
    elif ending == "cls":
        _add(sample.labels, text.strip())
    else:
        for line in text.replace("\r\n", "\n").split("\n"):
            _add(sample.captions, line)


def _tell_json(sample: Sample, entry: Any, where: str) -> None:
    if not isinstance(entry, dict):
        raise InputError(f"{where}: no JSON object; mend it")
    for key in ("caption", "captions"):
        value = entry.get(key)
        for text in value if isinstance(value, list) else [value]:
            if not isinstance(text, str | None):
                raise InputError(f"{where}: {key!r} must be text, or a list of texts; mend it")
            refuse_surrogates(text or "", where)
            _add(sample.captions, text or "")
    label, split = entry.get("label"), entry.get("split")
    if isinstance(label, str | int) and not isinstance(label, bool):
        refuse_surrogates(str(label), where)
        _add(sample.labels, str(label).strip())
    if isinstance(split, str):
        sample.split = split_word(split, where)


def _add(texts: list[str], text: str) -> None:
    if text.strip() and text not in texts:
        texts.append(text)


def _stem(name: str) -> str:
    return name.rpartition(".")[0]


def _key(name: str) -> str:
    folder, slash, last = name.rpartition("/")
    return folder + slash + last.partition(".")[0]


def told(left: list[str], tar: Path) -> list[str]:
    """A note that counts what was left out of a tar."""
    many = counted(len(left), "member")
    return [f"{many} of {tar.name} left out, first {left[0]}"] if left else []
