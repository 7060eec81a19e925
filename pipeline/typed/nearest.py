"""Which variable of the Makefile was meant: ``python -m pipeline.typed.nearest NAME ACCEPTED ...``.

It needs the standard library alone: the Makefile asks before anything is installed.
"""

import sys
from collections.abc import Sequence

from core.errors import choices


def nearest(name: str, accepted: Sequence[str]) -> str:
    """The end of a message about the unknown variable ``name``; upper or lower case alike.

    Example:
        >>> nearest("crop", ["CROPS", "SEED"])
        "did you mean 'CROPS'? accepted: CROPS, SEED"
    """
    meant = name.upper()
    if meant in accepted:
        return f"did you mean {meant!r}? {choices('', accepted)}"
    return choices(meant, accepted)


if __name__ == "__main__":
    sys.stdout.write(nearest(sys.argv[1], sys.argv[2:]) + "\n")
