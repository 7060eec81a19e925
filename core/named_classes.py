"""Classes of pictures, each told by words: a picture has one that enough of its captions name."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from core.bare_words import words_of
from core.errors import InputError
from core.masking import masked
from core.records import Corpus

SHARE = 0.6
"""Of the captions of a picture, as a rule: three of five."""


@dataclass(frozen=True)
class NamedClasses:
    """Some classes, and in how many captions one must be named.

    Attributes:
        words: of each class its words, letters and digits in lower case; a word may tell several.
        share: of a picture's captions, above 0 and at most 1.
        mask: a word that stands for those of the classes in captions; "" leaves these as they are.
        hidden: further words that it stands for, in lower case.

    Raises:
        InputError: the mask is a word of a class, and would name it.
    """

    words: Mapping[str, Sequence[str]]
    share: float = SHARE
    mask: str = ""
    hidden: Sequence[str] = ()

    def __post_init__(self) -> None:
        """Refuse a mask that names a class."""
        if self.mask in self._classes:
            raise InputError(
                f"the mask {self.mask!r} is a word of the class {self._classes[self.mask][0]!r}; "
                "mask with another word, or leave that one out of the classes"
            )

    def labels(self, texts: Sequence[str]) -> tuple[str, ...]:
        """The classes of a picture with these captions, sorted; maybe none.

        Class k is one of them where #{t: t holds a word of k} / #t >= share.

        Example:
            >>> NamedClasses({"dog": ("dog", "dogs")}).labels(["A dog.", "Dogs run", "a cat"])
            ('dog',)
        """
        many = Counter(label for text in texts for label in self._named(words_of(text)))
        return tuple(sorted(x for x, n in many.items() if n / len(texts) >= self.share))

    def of(self, corpus: Corpus) -> Corpus:
        """The corpus with these labels in the place of its own, and its captions masked.

        Labels follow from the captions as they were.

        Raises:
            InputError: vectors stand in the place of sentences.
        """
        texts = [caption.sentence for caption in corpus.captions]
        labels = [
            self.labels([caption.text for caption in corpus.captions_of(row)])
            for row in range(len(corpus.images))
        ]
        if self.mask:
            hidden = {*self._classes, *self.hidden}
            texts = [masked(text, hidden, self.mask) for text in texts]
        images = zip(corpus.images, labels, strict=True)
        captions = zip(corpus.captions, texts, strict=True)
        return replace(
            corpus,
            images=tuple(replace(image, labels=given) for image, given in images),
            captions=tuple(replace(caption, text=text) for caption, text in captions),
        )

    def _named(self, words: Iterable[str]) -> set[str]:
        return {label for word in words for label in self._classes.get(word, ())}

    @cached_property
    def _classes(self) -> dict[str, list[str]]:
        """The classes of each word."""
        found: dict[str, list[str]] = {}
        for label, words in self.words.items():
            for word in words:
                found.setdefault(word, []).append(label)
        return found
