"""Progress for a person: a bar on a terminal, one line now and then in a log; always on stderr."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Never

import click
from tqdm import tqdm

LOG_SECONDS = 20.0


def say(message: str) -> None:
    """One line for a person, on stderr, without breaking a bar."""
    tqdm.write(message, file=sys.stderr)


def new_bar(title: str, total: int, unit: str) -> "tqdm[Never]":
    """A bar that redraws often on a terminal and seldom in a log."""
    often = 0.1 if sys.stderr.isatty() else LOG_SECONDS
    return tqdm(total=total, desc=title, unit=unit, mininterval=often, leave=False, delay=0.5)


@contextmanager
def bar(title: str, total: int, unit: str) -> Iterator[Callable[[int, int], None]]:
    """A bar as a context; what it yields is called with what is done, and the total, in units."""
    with new_bar(title, total, unit) as drawn:

        def reach(done: int, total: int) -> None:
            drawn.total = total
            drawn.update(done - drawn.n)

        yield reach


class TrainingBar:
    """One bar an epoch, with loss, examples/s and the last validation; a line when it ends."""

    def __init__(self, epochs: int):
        """Of a training of ``epochs`` epochs in all."""
        self._epochs = epochs
        self._epoch = self._steps = 0
        self._losses: list[float] = []
        self._mean = ""
        self._last = ""
        self._drawn: tqdm[Never] | None = None

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
        if self._drawn is None:
            self._drawn = new_bar(f"epoch {epoch}/{self._epochs}", steps, "step")
            self._drawn.update(step - 1)
            self._epoch, self._steps = epoch, steps
        self._losses.append(loss)
        self._mean = f"loss {mean_loss:.2f}, "
        last = self._last or (f"score {validation['score']:.1f}" if validation else "")
        text = ", ".join(filter(None, [f"loss {loss:.2f}", f"{examples_per_second:.0f}/s", last]))
        self._drawn.set_postfix_str(text, refresh=False)
        self._drawn.update(step - self._drawn.n)

    def validated(self, headline: str) -> None:
        """End the epoch's bar, and say what its validation gave."""
        self.close()
        self._last = headline
        say(f"epoch {self._epoch}/{self._epochs}: {self._mean}validation {headline}")
        # Of an epoch that was gone on with in its midst not every loss was seen.
        if len(self._losses) == self._steps and (note := still(self._losses)):
            say(f"epoch {self._epoch}: {note}")
        self._losses = []

    def close(self) -> None:
        """Take the bar away."""
        if self._drawn is not None:
            self._drawn.close()
            self._drawn = None


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


def show(text: str) -> None:
    """What the command was asked for, on stdout."""
    click.echo(text)
