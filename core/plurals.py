"""Which words are the plural of which, in English, told by the words that there are."""

from collections.abc import Collection, Iterator

IRREGULAR = {
    "children": "child",
    "people": "person",
    "feet": "foot",
    "teeth": "tooth",
    "geese": "goose",
    "mice": "mouse",
    "oxen": "ox",
}
"""The plurals of which no ending tells; ``men`` is one, of other words' ends too."""


def singular(word: str, known: Collection[str]) -> str:
    """The singular of a word; the word itself where it is none's plural.

    A plural is irregular, ends in ``men`` for ``man``, or in ``s``, ``es``, ``ies`` for ``y`` or
    ``ves`` for ``f`` or ``fe``. It is one only of what is ``known``: ``grass`` is no plural where
    nobody writes ``gras``.

    Args:
        word: letters in lower case.
        known: the words that there are.

    Example:
        >>> singular("dogs", {"dog"}), singular("puppies", {"puppy"}), singular("grass", {"dog"})
        ('dog', 'puppy', 'grass')
    """
    return next((one for one in _singulars(word) if one in known and one != word), word)


def _singulars(word: str) -> Iterator[str]:
    """What the word may be the plural of, the likeliest first."""
    if word in IRREGULAR:
        yield IRREGULAR[word]
    for ending, instead in (("men", "man"), ("ies", "y"), ("ves", "f"), ("ves", "fe"), ("s", "")):
        if word.endswith(ending):
            yield word.removesuffix(ending) + instead
    if word.endswith("es"):
        yield word.removesuffix("es")
