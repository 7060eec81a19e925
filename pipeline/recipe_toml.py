"""A recipe as TOML: every option with its value, and behind it what it is and what is accepted."""

import json
import re
from collections.abc import Mapping
from typing import Any

from pipeline.parts import Section, caches, sections
from pipeline.said.explain import Row
from train.schema import Recipe

COLUMN = 32
"""Where the remarks begin, unless a value is longer."""


def to_toml(recipe: Recipe) -> str:
    """The whole recipe as TOML, which resolves to equal settings; defaults are written out.

    Behind each value stands what it is, what is accepted, and the default where it is another.
    """
    there = [*sections(recipe), *caches(recipe)]
    return "\n\n".join(_section(each) for each in there if each.rows) + "\n"


def value(given: Any) -> str:
    """A value in TOML's words.

    Args:
        given: text, a truth value, a finite number, or a list or a table of such.

    Example:
        >>> value({"image.*": 0.5, "text": [1, True]})
        '{ "image.*" = 0.5, text = [1, true] }'
    """
    if isinstance(given, Mapping):
        told = ", ".join(f"{_key(name)} = {value(inner)}" for name, inner in given.items())
        return f"{{ {told} }}" if told else "{}"
    if isinstance(given, list | tuple):
        return f"[{', '.join(map(value, given))}]"
    # JSON lets DEL stand in a string, TOML does not.
    return json.dumps(given, ensure_ascii=False, allow_nan=False).replace("\x7f", "\\u007f")


def _section(section: Section) -> str:
    lines = [_line(row) for row in section.rows]
    if not section.path:
        return "\n".join(lines)
    head = f"[{'.'.join(map(_key, section.path.split('.')))}]"
    return "\n".join([f"{head:{COLUMN}} # {section.about}" if section.about else head, *lines])


def _line(row: Row) -> str:
    name = _key(row.key.rpartition(".")[2])
    told = f"# {name} is left out" if row.value is None else f"{name} = {value(row.value)}"
    same = row.default in (row.value, None)
    accepted = row.accepted if same else f"{row.accepted}; default {value(row.default)}"
    remark = f"{row.description} ({accepted})" if row.description else accepted
    return f"{told:{COLUMN}} # {remark}"


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else value(name)
