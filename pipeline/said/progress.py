"""Progress for a person, on stderr: a bar on a terminal, in a log one line a while; never both."""

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Never

import click
from tqdm import tqdm

from core.wording import counted, lasting, one_line
from pipeline.typed import in_make

USUAL = 80, 24
LOG_SECONDS, LONGEST_SECONDS = 20.0, 600.0
"""The first line of a log comes after so long; the later ones each tenth of the time, within these
two."""


_hushed: list[bool] = []


def hush() -> None:
    """From now on this process says nothing: another one does it for both."""
    _hushed.append(True)


def complain(message: str) -> None:
    """An error of others that ends this process, whoever is to speak."""
    tqdm.write("error: " + one_line(in_make.told(message)), file=sys.stderr)


def say(message: str) -> None:
    """One line for a person, on stderr, without breaking a bar."""
    if _hushed:
        return
    tqdm.write(one_line(in_make.told(message)), file=sys.stderr)


def show(text: str) -> None:
    """What the command was asked for, on stdout."""
    click.echo(text)


class Bar:
    """How much of a whole is done, and how long the rest of it takes at the pace so far."""

    def __init__(self, title: str, unit: str, *, clock: Callable[[], float] = time.monotonic):
        """Of so many ``unit`` (its singular); nothing is drawn before something is reached."""
        self.title, self._unit, self._clock = title, unit, clock
        self._terminal = sys.stderr.isatty()
        self._drawn: tqdm[Never] | None = None
        self._began = self._next = 0.0
        self._first: int | None = None
        self._done = self._total = 0

    def reach(self, done: int, total: int, note: str = "") -> None:
        """So much is done of all; what is there at the first call is no part of the pace."""
        if self._first is None:
            self._first, self._began = done, self._clock()
            self._next = self._began + LOG_SECONDS
        self._done, self._total = done, total
        if _hushed:
            return
        if self._terminal:
            self._draw(note)
        elif self._clock() >= self._next and done < total:
            self._next += max(LOG_SECONDS, min(LONGEST_SECONDS, 0.1 * self._passed))
            say(", ".join(filter(None, [*self._told(), note, self.left])))

    @property
    def left(self) -> str:
        """The time that is left, for a log, in words; empty on a terminal, whose bar tells it."""
        seconds = (self._total - self._done) / self._pace if self._pace else 0.0
        return f"{lasting(seconds)} left" if seconds >= 10 and not self._terminal else ""

    def close(self) -> None:
        """Take the bar away."""
        if self._drawn is not None:
            self._drawn.close()
            self._drawn = None

    @property
    def _passed(self) -> float:
        return self._clock() - self._began

    @property
    def _pace(self) -> float:
        """Units a second since the first call."""
        here = self._done - (self._first or 0)
        return here / self._passed if here and self._passed else 0.0

    def _told(self) -> list[str]:
        pace = f"{self._pace:.3g} a second" if self._pace else ""
        return [f"{self.title}: {self._done:,} of {counted(self._total, self._unit)}", pace]

    def _draw(self, note: str) -> None:
        if self._drawn is None:
            self._drawn = tqdm(
                total=self._total,
                initial=self._done,
                unit=f" {self._unit}",
                leave=False,
                delay=0.5,
                smoothing=0.0,
                **_size(),
            )
        self._drawn.set_description(self.title, refresh=False)
        self._drawn.set_postfix_str(note, refresh=False)
        self._drawn.total = self._total
        self._drawn.update(self._done - self._drawn.n)


def _size() -> dict[str, Any]:
    """How large a bar may be; a terminal in a container may say 0, and would show none."""
    try:
        known = os.get_terminal_size(sys.stderr.fileno()).columns > 0
    except OSError:
        known = False
    return {"dynamic_ncols": True} if known else {"ncols": USUAL[0], "nrows": USUAL[1]}


@contextmanager
def bar(title: str, total: int, unit: str) -> Iterator[Callable[[int, int], None]]:
    """A bar as a context; what it yields is called with what is done, and the total, in units."""
    del total  # told with each step
    drawn = Bar(title, unit)
    try:
        yield drawn.reach
    finally:
        drawn.close()


class TrainingBar:
    """The whole training, all epochs of it; a line when one ends, and when a phase begins."""

    def __init__(self, epochs: int, phases: Mapping[int, str] | None = None):
        """Of ``epochs`` epochs in all; ``phases`` says what begins with an epoch, by its number."""
        self._epochs, self._phases = epochs, dict(phases or {})
        self._epoch = self._steps = 0
        self._losses: list[float] = []
        self._mean = self._last = ""
        self._bar = Bar("training", "step")

    def __call__(
        self,
        epoch: int,
        step: int,
        steps: int,
        *,
        loss: float,
        mean_loss: float,
        examples_per_second: float,
        validation: Mapping[str, float],
    ) -> None:
        """Draw one step (see ``train.loop.Progress``)."""
        del examples_per_second  # the pace of the whole is told, validations and all
        if epoch != self._epoch:
            self._begin(epoch, steps)
        self._losses.append(loss)
        self._mean = f"loss {mean_loss:.3g}"
        last = self._last or (f"score {validation['score']:.1f}" if validation else "")
        note = ", ".join(filter(None, [self._mean, last]))
        self._bar.reach((epoch - 1) * steps + step, self._epochs * steps, note)

    def _begin(self, epoch: int, steps: int) -> None:
        self._epoch, self._steps = epoch, steps
        self._bar.title = f"epoch {epoch}/{self._epochs}"
        if epoch > 1 and epoch in self._phases:
            say(f"epoch {epoch}: from here on {self._phases[epoch]}")

    def validated(self, headline: str) -> None:
        """End the epoch, and say what its validation gave."""
        self._last = headline
        told = [self._mean, f"validation {headline}", self._bar.left]
        say(f"epoch {self._epoch}/{self._epochs}: {', '.join(filter(None, told))}")
        # Of an epoch that was gone on with in its midst not every loss was seen.
        if len(self._losses) == self._steps and (note := still(self._losses)):
            say(f"epoch {self._epoch}: {note}")
        self._losses = []

    def close(self) -> None:
        """Take the bar away."""
        self._bar.close()


def still(losses: Sequence[float]) -> str:
    """A sentence if the loss of an epoch never moved, step by step; else nothing."""
    if not losses or min(losses) < max(losses) or (len(losses) == 1 and losses[0]):
        return ""
    if losses[0]:
        return f"the loss was {losses[0]:g} in each step: nothing is learnt; check the settings"
    return (
        "the loss was 0 in each step, so that no weight moved: either all is learnt, or a batch "
        "has nothing to compare; check batch_size, margin and the captions"
    )
