"""The words by which people call the splits.

``testall`` is COCO's 5,000 test pictures, of which ``test`` may be the first 1,000.
"""

from core.errors import InputError, choices
from core.records import ALL_SPLITS

SPLIT_WORDS = {
    **{word: word for word in ALL_SPLITS},
    **dict.fromkeys(("dev", "valid", "validation"), "val"),
    "training": "train",
    "testing": "test",
    "testall": "testall",
}


def split_word(word: str, where: str) -> str:
    """The split that a word names, such as ``val``, which dev, valid and validation are too.

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
