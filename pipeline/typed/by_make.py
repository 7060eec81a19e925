"""Options as a person typed them: on the command line, or as variables of make."""

import os
import shlex
from collections.abc import Iterable, Mapping, Sequence

from pipeline.typed.called import called

ASKED_BY = "TENCROP_ASKED_BY"
"""The environment variable in which the Makefile says that it is the one who asks."""
ENVIRONMENT = "TENCROP_FROM_ENVIRONMENT"
"""That in which it says which of its variables came from the environment, in words."""
NAMED = {"path": "DATA", "data_format": "FORMAT", "batch_size": "BATCH", "assignments": "ARGS"}
"""The variables of make that are not named after their options."""
DASHED = {"data_format": "format", "assignments": "set"}
"""The options that are not named after what they are kept under."""


def asked_by_make() -> bool:
    """Whether the Makefile runs this command."""
    return bool(os.environ.get(ASKED_BY))


def option(name: str, value: object, variable: str = "") -> str:
    """An option with its value, as make's variable where make runs this command.

    Args:
        name: such as ``max-errors``.
        value: what to give; may be a word such as ``PATH``.
        variable: make's name, by default that of the option in capitals with underscores.

    Example:
        >>> option("max-errors", 3)
        '--max-errors 3'
    """
    typed = f"--{name} {value}"
    if not asked_by_make():
        return typed
    return f"{variable or name.replace('-', '_').upper()}={value}"


def as_typed(words: str, make: str = "") -> str:
    """What to type: ``make MAKE``, where make runs this command, else the program and ``words``.

    Example:
        >>> as_typed("evaluate work/runs/a", make="eval")
        'python -m pipeline evaluate work/runs/a'
    """
    return f"make {make}" if make and asked_by_make() else f"{called()} {words}"


def variable(name: str) -> str:
    """What a person knows the option by that is kept under ``name``.

    Example:
        >>> variable("batch_size")
        '--batch-size'
    """
    if asked_by_make():
        return NAMED.get(name, name.upper())
    return "DATA" if name == "path" else dashed(name)


def dashed(name: str) -> str:
    """The option that is kept under ``name``, as the command line takes it.

    Example:
        >>> dashed("assignments")
        '--set'
    """
    return f"--{DASHED.get(name, name).replace('_', '-')}"


def retyped(values: Mapping[str, Sequence[str]]) -> str:
    """Options with their values as they would be typed again, ``path`` first.

    Example:
        >>> retyped({"backbone": ["vgg19"], "path": ["my photos"]})
        "'my photos' --backbone vgg19"
    """
    names = sorted(values, key=lambda name: name != "path")
    return " ".join(word for name in names for word in _retyped(name, values[name]))


def _retyped(name: str, values: Sequence[str]) -> Iterable[str]:
    if not asked_by_make():
        before = [] if name == "path" else [variable(name)]
        yield from (shlex.join([*before, value]) for value in values)
    elif name == "assignments":
        yield f"ARGS={shlex.quote(shlex.join(w for v in values for w in ('--set', v)))}"
    else:
        yield f"{variable(name)}={shlex.quote(values[-1])}"
