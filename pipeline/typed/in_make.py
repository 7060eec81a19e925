"""What is told to who typed make: an option by the variable that it is typed as."""

import re
from functools import cache

from pipeline.typed.by_make import asked_by_make
from pipeline.typed.called import called

OPTIONS = (
    *("format", "backbone", "weights", "transform", "crops", "keep", "layer", "dtype"),
    *("batch-size", "engine", "recipe", "seed", "run", "save-every", "split", "protocol"),
    *("measures", "set-measure", "out", "max-errors", "device", "work"),
)
"""The options that the Makefile has a variable for."""
_OTHERS = {"batch-size": "BATCH"}
_PROSE = "and|folder|for|from|if|in|instead|is|of|or|takes|than|to|where|with"
"""Words that follow an option in a sentence, and are no value of it."""


def told(text: str) -> str:
    """``text`` with each option as make's variable, where make runs this command.

    What stands in backquotes, or behind the program's own name, is a command and left as it is.

    Example:
        >>> in_make("use --dtype float32, or choose another --run", "tencrop")
        'use DTYPE=float32, or choose another RUN'
    """
    return in_make(text, called()) if asked_by_make() else text


def in_make(text: str, program: str) -> str:
    """``text`` with each option as make's variable, but where ``program`` is told to be typed."""
    return _options(program).sub(_variable, text)


@cache
def _options(program: str) -> re.Pattern[str]:
    command = rf"`[^`]*`|{re.escape(program)} [^;)]*"
    value = rf"(?!(?:{_PROSE})\b)(?:'[^']*'|[^\s,;()`'\"]+)"
    names = "|".join(OPTIONS)
    return re.compile(rf"{command}|(?<![\w-])--(?P<name>{names})(?![\w=-])(?: (?P<value>{value}))?")


def _variable(found: re.Match[str]) -> str:
    if found["name"] is None:
        return found[0]
    variable = variable_of(found["name"])
    return f"{variable}={found['value']}" if found["value"] else variable


def variable_of(option: str) -> str:
    """Make's name of an option, such as ``BATCH`` of ``batch-size``."""
    return _OTHERS.get(option, option.replace("-", "_").upper())
