"""Has the run seen what it is asked about?"""

from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import InputError
from core.records import Corpus
from core.sources import Source
from core.wording import counted
from pipeline.typed.by_make import as_typed
from train.seen import VAL, Seen, captions_by_split, items

OTHER = "other_than_at_training"


@dataclass(frozen=True)
class Overlap:
    """How many of the pictures that are asked about were trained on, or chose the epoch.

    ``named_alike``: so many have the id of a training picture, and another file.
    ``known``: whether what was trained on is known at all; the other counts are 0 if not.
    ``said_otherwise``: the run's corpus had a split of this name, with other pictures, labels or
    captions.
    """

    split: str
    asked: int
    trained_on: int
    chosen_on: int
    named_alike: int
    said_otherwise: bool
    known: bool = True

    @staticmethod
    def of(
        seen: Seen, part: Corpus, split: str, sources: Mapping[str, Source], *, own: bool = False
    ) -> "Overlap":
        """Compare by the digests of the picture files, and by id where there are none.

        ``own`` says that ``part`` is of the run's own corpus, on which one may train again.

        Raises:
            InputError: pictures were trained on, and the split is not one that is for training.
        """
        asked = items(part, sources)
        trained, chosen = seen.trained_on(asked), seen.chosen_on(asked)
        if trained and split not in seen.splits:
            again = as_typed("train CACHE --data DATA", make="train")
            ways = [f"train again as the splits are now with {again}"] if own else []
            ways += ["look at the fit with " + " or ".join(f"--split {s}" for s in seen.splits)]
            raise InputError(
                f"{len(trained):,} of the {counted(len(asked), 'picture')} of the split {split!r} "
                f"were trained on, first {trained[0]!r}: what is measured on them says nothing of "
                f"new pictures; take them out of the split, {', or '.join(ways)}"
            )
        then, now = seen.captions.get(split), captions_by_split(part).get(split)
        alike = len(seen.named_alike(asked))
        otherwise = then not in (None, now)
        return Overlap(split, len(asked), len(trained), len(chosen), alike, otherwise, seen.known)

    def notes(self) -> list[str]:
        """Sentences for a person."""
        told, asked = [], counted(self.asked, "picture")
        if not self.known:
            told.append(
                "what this model was trained and chosen on is not known: whether it has seen these "
                "pictures cannot be told, and the report says null"
            )
        if self.trained_on:
            told.append(
                f"{self.trained_on:,} of {asked} were trained on: these numbers are of the fit, "
                "not of new pictures"
            )
        if self.chosen_on and self.split == VAL:
            told.append("the epoch was chosen on this split: these numbers are of the choice")
        elif self.chosen_on:
            told.append(f"{self.chosen_on:,} of {asked} helped to choose the epoch")
        if self.named_alike:
            told.append(
                f"{self.named_alike:,} of {asked} have the id of a training picture and another "
                "file: if they were only saved again, these numbers are of the fit"
            )
        if self.said_otherwise:
            told.append(
                f"the ids, labels or captions of {self.split!r} are others than in the corpus at "
                "training"
            )
        return told

    def counts(self) -> dict[str, int | bool | None]:
        """For the report; None where it is not known."""
        if not self.known:
            return dict.fromkeys(("trained_on", "chosen_on", "named_alike", OTHER))
        return {
            "trained_on": self.trained_on,
            "chosen_on": self.chosen_on,
            "named_alike": self.named_alike,
            OTHER: self.said_otherwise,
        }
