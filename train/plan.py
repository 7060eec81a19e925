"""What a training would be: everything that its weights follow from, before anything is built."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from core.errors import SettingError
from core.files import json_sha256
from core.records import Corpus
from core.sources import Source
from train.measured import Measured
from train.noise import with_noise
from train.outline import Outline
from train.present import shown
from train.schema import Recipe
from train.seen import VAL, Seen
from train.start import Start


@dataclass(frozen=True)
class Plan:
    """A recipe on sources, parts of a corpus and a seed.

    Attributes:
        outline: what the recipe comes to; ``recipe`` is the recipe itself, with its parts.
        sources: where the task's numbers come from, by the names that it reads.
        parts: what is trained on, and what is validated on.
        seed: at least 0; with the thread count all that the bits follow from on one machine's CPU.
        seen: the items of both parts, and those that ``start`` has seen.
        notes: sentences for a person: how many labels of the training part were replaced.
        start: what the training begins with in the place of chance; None: it begins with chance.
    """

    outline: Outline
    sources: Mapping[str, Source]
    parts: tuple[Corpus, Corpus]
    seed: int
    seen: Seen
    start: Start | None = None
    notes: tuple[str, ...] = ()

    @staticmethod
    def of(
        corpus: Corpus,
        sources: Mapping[str, Source],
        recipe: Recipe | Outline,
        seed: int = 0,
        start: Start | None = None,
    ) -> "Plan":
        """``train`` (and ``restval`` if the recipe says so) is trained on, ``val`` chooses.

        Where the task asks for noise, labels of the training part are others (``train.noise``).

        Raises:
            SettingError: the seed is negative or too large, or a file of word vectors is not there.
            InputError: one of the two parts is empty, or a file holds no word vectors.
        """
        if not 0 <= seed < 2**63:
            raise SettingError(f"seed = {seed}: choose 0 or more, below 2^63")
        outline = (recipe if isinstance(recipe, Outline) else Outline.of(recipe)).settled()
        names = ("train", "restval") if outline.restval else ("train",)
        parts = corpus.split(*names), corpus.split(VAL)
        seen = Seen.of(corpus, parts, sources)
        seen = seen.joined(start.seen) if start else seen
        share = float(outline.settings["task"].get("label_noise", 0.0))
        train, notes = with_noise(parts[0], share, seed)
        return Plan(outline, sources, (train, parts[1]), seed, seen, start, notes)

    def measure(self) -> Measured:
        """What the task measures of the training part; the words and shapes of what it begins with.

        Raises:
            InputError, CacheError: the part lacks what the task needs.
        """
        own: Measured = self.recipe.part("task").measure(
            self.recipe.task, self.parts[0], self.sources
        )
        then = self.start.measured if self.start else own
        return replace(own, words=then.words, shapes=then.shapes)

    @cached_property
    def recipe(self) -> Recipe:
        """The recipe itself; its parts are imported when it is first asked for."""
        return self.outline.recipe()

    @cached_property
    def identity(self) -> dict[str, Any]:
        """What is compared before a run goes on, as JSON values."""
        return {
            "settings": self.outline.settings,
            "seed": self.seed,
            "encoders": {name: source.encoder for name, source in self.sources.items()},
            "seen": self.seen.digest,
            **({"start": dict(self.start.identity)} if self.start else {}),
        }

    @cached_property
    def key(self) -> str:
        """A digest that names the run; options at their defaults do not enter, but every part does.

        So a run keeps its name when a part gains an option whose default changes nothing.
        """
        stated = {"settings": self.outline.own, "parts": self.outline.parts}
        return json_sha256({**self.identity, **stated})

    @property
    def shown(self) -> tuple[Corpus, Corpus]:
        """Of both parts the pictures that every source has, and their captions."""
        train, val = (shown(part, self.sources) for part in self.parts)
        return train, val

    @property
    def origins(self) -> dict[str, dict[str, Any]]:
        """What is needed of each source to make the values of other items in the same way."""
        return {
            name: {
                "encoder": source.encoder,
                "made_by": dict(source.made_by),
                "settings": source.settings,
            }
            for name, source in self.sources.items()
        }
