"""A sentence that a run is asked to encode, or one line that says why it is not."""

from collections.abc import Callable

from core.errors import InputError
from core.heard import Heard

LONGEST = 10_000
"""Characters of a sentence; a model reads some hundreds of words."""
NAMED = 5  # unknown words that a message names


def refuse_odd(sentence: str, name: str) -> None:
    """Refuse what is no sentence, whoever reads it.

    Args:
        sentence: as it was given.
        name: what a message calls it.

    Raises:
        InputError: it is empty, too long, or no text.
    """
    if len(sentence) > LONGEST:
        raise InputError(
            f"{name} has {len(sentence):,} characters; shorten it to {LONGEST:,} or fewer"
        )
    if any(each == "\0" or "\ud800" <= each <= "\udfff" for each in sentence):
        raise InputError(
            f"{name} is no text that could be written as UTF-8, or holds a NUL; mend its encoding"
        )
    if not sentence.strip():
        raise InputError(f"{name} is empty; leave it out, or say what is meant, as 'two dogs'")


def refuse_silent(sentence: str, name: str, heard: Callable[[str], Heard]) -> None:
    """Refuse what no vector could stand for: what is odd, and what has no word that is known.

    Args:
        sentence: as it was given.
        name: what a message calls it.
        heard: which of its words the run knows.

    Raises:
        InputError: it is empty, too long, no text, or without a word that the run knows.
    """
    refuse_odd(sentence, name)
    told = heard(sentence)
    if told.known:
        return
    if not told.unknown:
        raise InputError(f"{name} holds no word; leave it out, or write one")
    more = " ..." if len(told.unknown) > NAMED else ""
    raise InputError(
        f"the run knows no word of {name} ({', '.join(told.unknown[:NAMED])}{more}); leave it out, "
        "or use words of the captions that were trained on"
    )
