"""One option that names several words of a list, such as ``pooled,scores``."""

from collections.abc import Iterable

from core.errors import choices


class Several:
    """Makes one text of each way of naming the same words: the alphabet's order, each once.

    Attributes:
        words: those that may be named.

    Example:
        >>> Several(["grid", "pooled"])("pooled, grid,pooled")
        'grid,pooled'
    """

    def __init__(self, words: Iterable[str]):
        """Of some words without commas."""
        self.words = tuple(words)

    def __call__(self, text: str) -> str:
        """``text``, words with commas between, in its one form.

        Raises:
            ValueError: a word that is none of them; the nearest are named.
        """
        named = {word.strip() for word in text.split(",")}
        for word in sorted(named - set(self.words)):
            raise ValueError(f"{word!r} is none of them: {choices(word, self.words)}")
        return ",".join(sorted(named))
