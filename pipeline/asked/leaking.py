"""What leaks into a question from the training of the runs that are asked."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from core.errors import RunError, TencropError
from core.records import Corpus
from pipeline.asked.posed import Posed
from pipeline.leaks.alike import NONE_LEFT, NOT_ASKED, STORED, UNKNOWN, Alike, absent_then
from pipeline.leaks.found import GONE, Leaks
from pipeline.leaks.hashed import absent
from pipeline.leaks.training import Pictures, identical, same_captions, with_ids
from pipeline.leaks.words import Words, unknown_words
from pipeline.memory.once import Once
from pipeline.memory.whereabouts import corpus_of
from train.measured import Measured
from train.seen import Items, items


class Leaking:
    """One question to some runs, held against what they were trained on, all together."""

    def __init__(self, posed: Sequence[Posed], once: Once, work: Path, *, likeness: bool):
        """Nothing is looked at yet; hashes of pictures are kept in ``work``.

        ``likeness`` tells whether pictures are to be compared by how they look.
        """
        self._posed, self._once, self._work = posed, once, work
        self._likeness = likeness

    def leaks(self) -> Leaks:
        """All that leaks, as far as it can be known.

        Raises:
            InputError: a caption takes too long to split.
        """
        why = self._why_not
        asked = with_ids(self._part, self._asked, but=self._identical)
        return Leaks(
            len(self._asked),
            len(asked.captions),
            self._identical if self._trained else None,
            Alike(why=why) if why else Alike.of(*self._sides, self._work),
            same_captions(asked, self._corpus) if self._corpus else None,
            "" if self._corpus else self._no_corpus,
            [_unknown(each) for each in self._posed],
        )

    def outdated(self, report: Mapping[str, Any]) -> str:
        """Why the leaks of a report that answers else are to be looked for again; mostly empty.

        They are where something is asked for, or is there, that was not when it was made.
        """
        told = report["leaks"]
        if self._likeness and told["alike"]["why"] == NOT_ASKED:
            return "it does not tell whether pictures look alike"
        if (why := told["captions"]["why"]) not in ("", UNKNOWN) and self._corpus:
            return (
                f"the corpus of the training {'is there' if why == GONE else 'can be read'} again"
            )
        then = absent_then(told["alike"]) if self._likeness else 0
        if then and absent(self._sides, self._work) < then:
            return "pictures are there that were not when it was made"
        return ""

    @cached_property
    def _part(self) -> Corpus:
        return self._posed[0].judged

    @cached_property
    def _asked(self) -> Items:
        return items(self._part, self._posed[0].sources)

    @cached_property
    def _trained(self) -> Items:
        return sorted(set().union(*(each.opened.seen.train for each in self._posed)))

    @cached_property
    def _identical(self) -> list[tuple[str, str]]:
        return identical(self._asked, self._trained)

    @cached_property
    def _own(self) -> list[Corpus | str]:
        """The corpus of each run up to the first that is there; of others why there is none."""
        found: list[Corpus | str] = []
        for each in self._posed if self._trained else ():
            found.append(_own(each, self._once))
            if isinstance(found[-1], Corpus):
                break
        return found

    @cached_property
    def _corpus(self) -> Corpus | None:
        """What of the training is in a corpus of the runs by now."""
        whole = [each for each in self._own if isinstance(each, Corpus)]
        return with_ids(whole[0], self._trained) if whole else None

    @property
    def _no_corpus(self) -> str:
        """Why no corpus of the training is known; that one is damaged before that one is gone."""
        reasons = [each for each in self._own if isinstance(each, str)]
        return next((why for why in reasons if why != GONE), GONE if self._trained else UNKNOWN)

    @cached_property
    def _sides(self) -> tuple[Pictures, Pictures]:
        asked = Pictures.of(self._asked, self._part).without(self._identical)
        return asked, Pictures.of(self._trained, self._corpus)

    @property
    def _why_not(self) -> str:
        """Why pictures are not looked at; empty where they are."""
        reasons = {
            NOT_ASKED: not self._likeness,
            UNKNOWN: not self._trained,
            STORED: self._part.stored,
            NONE_LEFT: len(self._identical) == len(self._asked),
        }
        return next((why for why, holds in reasons.items() if holds), "")


def _own(posed: Posed, once: Once) -> Corpus | str:
    """The corpus that the run was trained on, or why there is none: it is gone, or damaged."""
    if not posed.other:
        return posed.whole
    try:
        given = posed.opened.config["given"]
        place, data_format = corpus_of(posed.opened.run, given), given["data_format"]
    except (RunError, KeyError):
        return GONE
    try:
        return once.corpus(place, data_format)
    except (TencropError, OSError) as error:
        return str(error)


def _unknown(posed: Posed) -> Words | None:
    """Of the words of the captions, those that the run does not know; None where it reads none."""
    measured = Measured.read(posed.opened.run, posed.opened.config["measured"])
    return unknown_words(posed.judged, measured.words) if measured.words else None
