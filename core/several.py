"""Lists with commas between: one option that names several words, such as ``pooled,scores``."""

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
        named = between_commas(text)
        for word in sorted(set(named) - set(self.words)):
            raise ValueError(f"{word!r} is none of them: {choices(word, self.words)}")
        return in_one_form(named)


def between_commas(text: str) -> list[str]:
    """What stands between the commas of ``text``, in its order and without blanks around it.

    Example:
        >>> between_commas("vgg19, resnet50,")
        ['vgg19', 'resnet50', '']
    """
    return [word.strip() for word in text.split(",")]


def in_one_form(words: Iterable[str]) -> str:
    """The same text of the same words, whatever their order: the alphabet's, each once.

    Example:
        >>> in_one_form(["scores", "pooled", "scores"])
        'pooled,scores'
    """
    return ",".join(sorted(set(words)))
