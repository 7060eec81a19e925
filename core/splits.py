"""The words by which people call the splits."""

from core.errors import InputError, choices
from core.records import ALL_SPLITS

SPLIT_WORDS = {
    **{word: word for word in ALL_SPLITS},
    **dict.fromkeys(("dev", "valid", "validation"), "val"),
    "training": "train",
    "testing": "test",
}


def split_word(word: str, where: str) -> str:
    """``train``, ``val``, ``test``, ``restval`` or ``extra``; dev, valid, validation are ``val``.

    Args:
        word: in any case of letters, with blanks around it or none.
        where: for a message.

    Raises:
        InputError: another word.
    """
    known = SPLIT_WORDS.get(word.strip().lower())
    if known is None:
        raise InputError(f"{where}: unknown split {word!r}: {choices(word, SPLIT_WORDS)}")
    return known
