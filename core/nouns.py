"""Which words of some captions are nouns, told by the words around them: English, no lexicon.

Captions are short and alike, "a brown dog runs in the snow". A noun closes what a determiner
opens: at one of its places in ten or more an article, a number or a possessive stands before it,
with one word in between or none, and what follows is a preposition, a verb's form in ``ing`` or
``is``, or nothing. Adjectives are followed by nouns, and verbs follow them.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

_OPENING = (
    "a an the this that these those each every both no another other some several many few one two "
    "three four five six seven eight nine ten my your his her its our their"
)
_FOLLOWING = (
    "in on at of with by for from to into onto over under above below near next behind beside "
    "between through across along against around down up off out inside outside during beneath is "
    "are was were has have had be being who that which as while"
)
DETERMINERS, BEHIND = frozenset(_OPENING.split()), frozenset(_FOLLOWING.split())
"""What opens a noun phrase, and what follows a noun; a form in ``ing`` does too."""
CLOSED = DETERMINERS | BEHIND | {"and", "or", "not", "but", "then", "there"}
"""What is no noun, wherever it stands."""
SHARE, RAREST = 0.1, 5
"""A noun is one at so large a share of its places, and has so many of them at least."""


def nouns(texts: Collection[Sequence[str]]) -> set[str]:
    """The words that are nouns, singular or plural.

    Two rounds: in the first a determiner must stand right before the word; in the second a word in
    between is let through that the first did not take for a noun ("a blue shirt", but not "a man
    running").

    Args:
        texts: of each caption its words in order, letters and digits in lower case.

    Example:
        >>> texts = [text.split() for text in ["a dog in the snow", "the brown dog runs"] * 5]
        >>> sorted(nouns(texts))
        ['dog', 'snow']
    """
    counts = Counter(word for text in texts for word in text)
    first = _mostly(Counter(_closing(texts, None)), counts)
    return _mostly(Counter(_closing(texts, first)), counts)


def _mostly(found: Counter[str], counts: Counter[str]) -> set[str]:
    return {
        word
        for word, many in found.items()
        if word not in CLOSED and counts[word] >= RAREST and many >= SHARE * counts[word]
    }


def _closing(texts: Iterable[Sequence[str]], known: Collection[str] | None) -> Iterator[str]:
    """The words that close what a determiner opens; with the ``known`` nouns also over one word."""
    for text in texts:
        for place in range(1, len(text)):
            if not _ends(text, place + 1):
                continue
            before = text[place - 1]
            between = known is not None and before not in CLOSED and before not in known
            opens = text[place - 2] if between and place > 1 else before
            if opens in DETERMINERS:
                yield text[place]


def _ends(text: Sequence[str], place: int) -> bool:
    return place == len(text) or text[place] in BEHIND or text[place].endswith("ing")
