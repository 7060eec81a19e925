"""Whether training stands where all vectors are alike, and the way back to the sum of hinges.

A loss of the hardest negatives can be lowered by making all vectors one: it stands then at a value
that it says itself (``train.collapse``), and right pairs are as close as the hardest wrong ones.
Some leave this plateau after some epochs, some never.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from torch import nn

from train.collapse import GENTLE, collapse_of
from train.phases import Phase

STEPS = 50
"""So many steps in a row on the plateau are told of, and at least half of their last epoch."""
FLAT = 0.025
"""A step is on the plateau whose loss is as near to it as this share of its value."""
ALIKE = 0.1
"""So is an epoch whose right and hardest wrong pairs are, on validation, as near to each other."""
PLATEAU, GUARDED = "plateau_steps", "guarded"
"""The metrics of an epoch that ended there, and of one under guard."""
CLOSE = ("similarity_positive", "similarity_negative")
"""The scores of a validation that say how close right and hardest wrong pairs are."""


class Guard:
    """Decides from the metrics of the epochs that are done, so that a resumed run does as well."""

    def __init__(self, losses: nn.ModuleDict, say: Callable[[str], None]):
        """Watch the losses that say where they collapse.

        Args:
            losses: by name; it acts where their gentle forms are among them
                (``train.collapse.add_gentle``).
            say: told sentences for a person.
        """
        told = {name: collapse_of(name, loss) for name, loss in losses.items()}
        self._values = {name: each.value for name, each in told.items() if each}
        self._acts = any(name.endswith(GENTLE) for name in losses)
        self._say = say

    def phase(self, phase: Phase, history: Sequence[Mapping[str, float]]) -> Phase:
        """What the next epoch trains by: ``phase``, or its gentle form after a collapse."""
        if not (self._acts and history and _collapsed(history[-1]) and self._watches(phase)):
            return phase
        last = int(history[-1]["epoch"])
        self._say(
            f"epoch {last + 1}: every negative counts, as epoch {last} ended where all are one"
        )
        return replace(phase, losses={n + GENTLE: weight for n, weight in phase.losses.items()})

    def look(
        self,
        phase: Phase,
        means: Sequence[float],
        row: Mapping[str, float],
        history: Sequence[Mapping[str, float]],
    ) -> dict[str, float]:
        """What the metrics of an epoch say besides; a collapse is told of, the first time.

        Args:
            phase: what it was trained by, as ``phase`` gave it.
            means: the losses of its steps, each divided by how many numbers it sums.
            row: its other metrics.
            history: those of the epochs before it.

        Returns:
            ``guarded`` 1 of an epoch under guard; ``plateau_steps``, how many steps the loss has
            been on the plateau by now, in all epochs; neither where there is nothing to say.
        """
        if any(name.endswith(GENTLE) for name in phase.losses):
            return {GUARDED: 1.0}
        if not (self._watches(phase) and means):
            return {}
        value = sum(weight * self._values[name] for name, weight in phase.losses.items())
        flat = _last(means, value)
        if 2 * flat < len(means) or not _alike(row, value):
            return {}
        before = history[-1].get(PLATEAU, 0.0) if history and flat == len(means) else 0.0
        found = {PLATEAU: before + flat}
        if _collapsed(found) and not any(map(_collapsed, history)):
            self._say(f"epoch {row['epoch']:g}: {self._told(int(found[PLATEAU]), value, row)}")
        return found

    def _watches(self, phase: Phase) -> bool:
        return all(name in self._values for name in phase.losses)

    def _told(self, steps: int, value: float, row: Mapping[str, float]) -> str:
        close = ""
        if all(name in row for name in CLOSE):
            right, wrong = (row[name] for name in CLOSE)
            close = f" (right pairs {right:.2f}, hardest wrong ones {wrong:.2f})"
        way = "guard = true goes back to every negative for an epoch"
        if not self._acts:
            way = (
                "it may leave by itself, and sooner with guard=true, another lr, or more epochs "
                "that sum all hinges first, as recipe vse++w has"
            )
        return f"{steps} steps at a loss of {value:g}, as where all vectors are alike{close}; {way}"


def _collapsed(row: Mapping[str, float]) -> bool:
    return row.get(PLATEAU, 0.0) >= STEPS


def _last(means: Sequence[float], value: float) -> int:
    """How many of the last steps were on the plateau."""
    far = [n for n, mean in enumerate(means) if not abs(mean - value) <= FLAT * abs(value)]
    return len(means) - (far[-1] + 1 if far else 0)


def _alike(row: Mapping[str, float], value: float) -> bool:
    """Whether right pairs are as close as wrong ones; yes, where the validation does not say."""
    if not all(name in row for name in CLOSE):
        return True
    right, wrong = (row[name] for name in CLOSE)
    return abs(wrong - right) <= ALIKE * abs(value)
