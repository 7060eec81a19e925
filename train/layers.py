"""The option that names the layers a task reads: one, or several with a comma between."""

from typing import Annotated

from pydantic import AfterValidator

from core.several import between_commas, in_one_form


def tidied(text: str) -> str:
    """The same layers in one way of saying it: each once, sorted, without blanks.

    Example:
        >>> tidied("scores, pooled")
        'pooled,scores'

    Raises:
        ValueError: no layer is named.
    """
    named = split(text)
    if not named:
        raise ValueError("it names no layer")
    return in_one_form(named)


def split(text: str) -> list[str]:
    """The layers that ``text`` names, in its order."""
    return [name for name in between_commas(text) if name]


Layers = Annotated[str, AfterValidator(tidied)]
"""The type of such an option."""
