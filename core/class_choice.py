"""Choosing classes for a corpus that has none: the nouns that most training pictures are named by.

Only captions of the training part are looked at, so that no class is chosen by what is tested.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence

from core.bare_words import words_of
from core.errors import InputError
from core.named_classes import NamedClasses
from core.nouns import nouns
from core.plurals import singular
from core.records import Corpus
from core.wording import counted

MOST, LEAST = 0.5, 2
"""A class has at most this share of the training pictures, and at least so many."""


def choose_classes(
    train: Corpus, many: int, *, share: float, names: Collection[str] | None = None
) -> NamedClasses:
    """The ``many`` classes with the most pictures of ``train``, the largest first.

    A class is a noun, singular and plural as one, called by its more frequent form. Of equally
    large ones the first by code point is taken. What more than half of the pictures are named by
    tells nothing, and is none.

    Args:
        train: the training part, with sentences.
        many: at least 2.
        share: of a picture's captions that name it, see ``NamedClasses``.
        names: the words that may be a class, in lower case; None: what ``core.nouns`` finds.

    Raises:
        InputError: so many there are not, or no captions.
    """
    if not train.captions:
        raise InputError(
            f"{train.name}: no training picture has a caption, and classes are words of captions; "
            "give a corpus of sentences, or the labels themselves in a column 'label'"
        )
    texts = [words_of(caption.sentence) for caption in train.captions]
    counts = Counter(word for text in texts for word in text)
    every = NamedClasses(_forms(counts, nouns(texts) if names is None else names), share)
    sizes = Counter(
        label
        for row in range(len(train.images))
        for label in every.labels([caption.text for caption in train.captions_of(row)])
    )
    fit = {x: n for x, n in sizes.items() if LEAST <= n <= MOST * len(train.images)}
    if len(fit) < many:
        raise InputError(_too_few(train, len(fit), many, share), mend=_mend(names))
    largest = sorted(fit, key=lambda label: (-fit[label], label))[:many]
    return NamedClasses({label: every.words[label] for label in largest}, share)


def _forms(counts: Mapping[str, int], names: Collection[str]) -> dict[str, Sequence[str]]:
    """Of each name that occurs the words for it, singular and plural, under the most frequent.

    What is no name itself, as ``shirts`` may be, is the plural of a more frequent one; ``jumps``,
    which is a verb as a rule, is not.
    """
    forms = defaultdict(list)
    for word in sorted(counts):
        one = singular(word, names)
        if word in names or (one in names and counts[word] < counts[one]):
            forms[one].append(word)
    return {max(words, key=lambda word: counts[word]): words for words in forms.values()}


def _too_few(train: Corpus, there: int, many: int, share: float) -> str:
    least = counted(LEAST, "training picture")
    return (
        f"{train.name}: {counted(there, 'noun stands', 'nouns stand')} in {100 * share:g}% of the "
        f"captions of {least} or more, and in those of at most {MOST:.0%}: too few for {many} "
        "classes; ask for fewer, or for fewer captions that hold a word, or say more words"
    )


def _mend(names: Collection[str] | None) -> str:
    return "classes" if names is None else "nouns"
