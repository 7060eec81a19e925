"""Options as a person typed them: on the command line, or as variables of make."""

import os

ASKED_BY = "TENCROP_ASKED_BY"
"""The environment variable in which the Makefile says that it is the one who asks."""


def option(name: str, value: object, variable: str = "") -> str:
    """An option with its value, and before it make's variable where make runs this command.

    Args:
        name: such as ``max-errors``.
        value: what to give; may be a word such as ``PATH``.
        variable: make's name, by default that of the option in capitals with underscores.

    Example:
        >>> option("max-errors", 3)
        '--max-errors 3'
    """
    typed = f"--{name} {value}"
    if not os.environ.get(ASKED_BY):
        return typed
    return f"{variable or name.replace('-', '_').upper()}={value} ({typed})"


def typed(words: str, make: str = "") -> str:
    """What to type: ``make MAKE``, where make runs this command, else the program and ``words``.

    Example:
        >>> typed("evaluate work/runs/a", make="eval")
        'python -m pipeline evaluate work/runs/a'
    """
    return f"make {make}" if make and os.environ.get(ASKED_BY) else f"python -m pipeline {words}"
