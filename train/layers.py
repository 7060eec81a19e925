"""The option that names the layers a task reads: one, or several with a comma between."""

from typing import Annotated

from pydantic import AfterValidator


def canonical(text: str) -> str:
    """The same layers in one way of saying it: each once, sorted, without blanks.

    Example:
        >>> canonical("scores, pooled")
        'pooled,scores'

    Raises:
        ValueError: no layer is named.
    """
    named = sorted(set(split(text)))
    if not named:
        raise ValueError("it names no layer")
    return ",".join(named)


def split(text: str) -> list[str]:
    """The layers that ``text`` names, in its order."""
    return [name for name in map(str.strip, text.split(",")) if name]


Layers = Annotated[str, AfterValidator(canonical)]
"""The type of such an option."""
