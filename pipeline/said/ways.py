"""What to type, of an error that knows only what is to be done."""

from core.errors import TencropError, fault

TYPED = {
    "alike": "make the features with `features DATA --like RUN`, or train on these",
    "alone": "take a run of a task that does, such as --recipe vse++w trains",
    "classes": "give a smaller --classes or --share, or the words that are nouns with --nouns FILE",
    "crops": "set layer=grid, or keep several crops (`features --crops 10 --keep all`; make: "
    "KEEP=all)",
    "import": "make them of these vectors with `cache import DATA`",
    "named": "imports are of one encoder where both were named alike, `cache import DATA --encoder "
    "NAME`; name them so if one extractor made both, or train on these",
    "nouns": "give a smaller --classes or --share, or more words in the file of --nouns",
    "pyarrow": "type make setup EXTRAS=1, or take --as npy",
    "text": "make them of these captions with `features DATA --text ENCODER`",
    "words": "give a smaller --width or --min-count, or more captions",
}
"""``TencropError.mend`` -> what is typed, in the place of the way out that the message has."""


def completed(error: TencropError) -> str:
    """The message, with what to type where only that is lacking.

    Example:
        >>> completed(TencropError("3 words are too few; ask for less", mend="words"))
        '3 words are too few; give a smaller --width or --min-count, or more captions'
        >>> completed(TencropError("no; do this"))
        'no; do this'
    """
    way = TYPED.get(error.mend)
    return f"{fault(error)}; {way}" if way else str(error)
