"""What may not be learnt from: the pictures and captions that a corpus is chosen and tested on."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from core.bare_words import said, words_of
from core.records import Corpus

HELD = ("val", "test")
"""The splits held out: ``restval`` and ``extra`` are trained on, or not at all."""
_SAME = re.compile(r"(\d{5,})_[0-9a-f]{10}(_[a-z])?|coco_[a-z]+\d{4}_(\d{12})")
"""One photograph by two names: Flickr's with its secret, as in Flickr8k, and without, as in
Flickr30k; COCO's of 2014 and of 2017."""
Words = tuple[str, ...]
Told = tuple[Words, Words]
"""Of a caption what it says (``core.bare_words.said``), which tells equal ones, and its words."""


def photo(image_id: str) -> str:
    """What tells a photograph, by its id: the file's name without ending, of a few sets a number.

    Example:
        >>> photo("Images/1000268201_693b08cb0e.jpg"), photo("1000268201.jpg")
        ('1000268201', '1000268201')
        >>> photo("val2014/COCO_val2014_000000391895.jpg"), photo("000000391895.jpg")
        ('000000391895', '000000391895')
        >>> photo("Beach.JPG")
        'beach'
    """
    stem = PurePosixPath(image_id).stem.lower()
    known = _SAME.fullmatch(stem)
    return (known[1] or known[3]) if known else stem


@dataclass
class Kept:
    """What is left of some corpora, and what was left out of each.

    Attributes:
        pictures: of each photograph that has captions, these, as words.
        left_out: a row a corpus, in their order: see ``Left``.
    """

    pictures: list[list[Words]] = field(default_factory=list)
    left_out: list["Left"] = field(default_factory=list)


@dataclass
class Left:
    """What is left out of a corpus.

    Attributes:
        name: of the corpus.
        pictures: those that are held out, by their ids.
        of_them: the captions of these.
        others: captions of other pictures that say what a held caption says, word for word.
        again: pictures of an earlier corpus, whose captions count there; those that are new too.
        said: how many of the different held captions the corpus holds, wherever.
    """

    name: str
    pictures: int = 0
    of_them: int = 0
    others: int = 0
    again: int = 0
    said: int = 0


@dataclass(frozen=True)
class HeldOut:
    """The pictures and captions of the validation and the test split of a corpus.

    Attributes:
        name: of the corpus.
        photos: what tells the photographs (see ``photo``).
        captions: what the different captions say; one without a word is none.
    """

    name: str
    photos: frozenset[str]
    captions: frozenset[Words]

    @staticmethod
    def of(corpus: Corpus) -> "HeldOut":
        """Those of ``corpus``."""
        photos = {photo(image.id) for image in corpus.images if image.split in HELD}
        rows = zip(corpus.captions, corpus.owner, strict=True) if not corpus.wordless else ()
        told = (said(caption.text) for caption, owner in rows if corpus.images[owner].split in HELD)
        return HeldOut(corpus.name, frozenset(photos), frozenset(filter(None, told)))

    def leave_out(self, corpora: Iterable[Corpus]) -> Kept:
        """All captions of ``corpora`` but those that are held, or of a picture that is.

        A photograph that stands in several corpora counts once, with all that the first says and
        of each further one what nothing before it says. Where several pictures of one corpus have
        the same name, it tells none of them.
        """
        left_out, pictures, known = list[Left](), list[list[Told]](), dict[str, list[Told]]()
        for corpus in corpora:
            left_out.append(self._left_out(corpus, pictures, known))
        return Kept([[words for _, words in told] for told in pictures], left_out)

    def _left_out(
        self, corpus: Corpus, pictures: list[list[Told]], known: dict[str, list[Told]]
    ) -> Left:
        """Add what may be learnt from to ``pictures``; ``known``: those of before, by their key."""
        left, own, texts = Left(corpus.name), dict[str, list[Told]](), _captions(corpus)
        left.said = len(self.captions & {says for told in texts for says, _ in told})
        keys = [photo(image.id) for image in corpus.images]
        many = Counter(keys)
        for key, told in zip(keys, texts, strict=True):
            if key in self.photos:
                left.pictures += 1
                left.of_them += len(told)
                continue
            left.others += sum(says in self.captions for says, _ in told)
            free = [(says, words) for says, words in told if says and says not in self.captions]
            if many[key] == 1 and key in known:
                left.again += 1
                known[key] += _new(free, known[key])
            elif free:
                pictures.append(free)
                own |= {key: free} if many[key] == 1 else {}
        known |= own
        return left


def _new(told: Iterable[Told], before: Iterable[Told]) -> list[Told]:
    """Those of ``told`` that say what nothing before them says, each once."""
    known, found = {says for says, _ in before}, []
    for says, words in told:
        if says not in known:
            known.add(says)
            found.append((says, words))
    return found


def _captions(corpus: Corpus) -> list[list[Told]]:
    """Of each picture its captions.

    Raises:
        InputError: there are vectors in their place.
    """
    found: list[list[Told]] = [[] for _ in corpus.images]
    for caption, owner in zip(corpus.captions, corpus.owner, strict=True):
        sentence = caption.sentence
        found[owner].append((said(sentence), tuple(words_of(sentence))))
    return found
