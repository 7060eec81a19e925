"""Which weights learn at what share of the rate, and the optimiser that serves several phases."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from torch import Tensor, nn

from core.errors import SettingError, choices
from train.phases import Groups, Phase


class Rated:
    """One optimiser for all phases that share it; it keeps its moments from one to the next."""

    def __init__(self, weights: Mapping[str, nn.Parameter], phases: Sequence[Phase]):
        """Group the weights that have the same share of the rate in each of ``phases``.

        Weights that are frozen in all of them are left out.
        """
        groups: dict[tuple[float, ...], list[str]] = {}
        for name in weights:
            groups.setdefault(tuple(share(phase, name) for phase in phases), []).append(name)
        self._names = [names for shares, names in groups.items() if any(shares)]
        made: Groups = [{"params": [weights[n] for n in names]} for names in self._names]
        self.optimiser = phases[0].optimiser(made)
        self._rates = [float(group["lr"]) for group in self.optimiser.param_groups]

    def scale(self, phase: Phase, factor: float) -> float:
        """Set every group's rate for ``phase`` at the schedule's ``factor``.

        Returns:
            The rate of the weights whose share is 1.
        """
        for group, rate, names in zip(
            self.optimiser.param_groups, self._rates, self._names, strict=True
        ):
            group["lr"] = rate * factor * share(phase, names[0])
        return self._rates[0] * factor

    def tensors(self) -> dict[str, Tensor]:
        """The moments, as ``WEIGHT.MOMENT``."""
        kept = self.optimiser.state_dict()["state"].items()
        weights = [name for names in self._names for name in names]
        named = {f"{weights[i]}.{name}": m for i, moments in kept for name, m in moments.items()}
        return {name: moment for name, moment in named.items() if moment is not None}

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Become what ``tensors`` gave."""
        number = {name: i for i, name in enumerate(n for names in self._names for n in names)}
        kept: dict[int, dict[str, Tensor]] = {}
        for key, moment in tensors.items():
            weight, _, name = key.rpartition(".")
            kept.setdefault(number[weight], {})[name] = moment
        groups = self.optimiser.state_dict()["param_groups"]
        self.optimiser.load_state_dict({"state": kept, "param_groups": groups})


def share(phase: Phase, name: str) -> float:
    """The share of the rate of the weight ``name``: of the patterns that fit, the longest says.

    Of two that are as long the later in the alphabet says, so that their order means nothing.
    """
    fitting = [pattern for pattern in phase.rates if fnmatchcase(name, pattern)]
    return phase.rates[max(fitting, key=lambda p: (len(p), p))] if fitting else 1.0


def refuse_idle_rates(phases: Sequence[Phase], names: Sequence[str]) -> None:
    """Raise if a phase names weights that there are not, or lets none learn.

    Raises:
        SettingError: a pattern fits no weight, its share is negative, or all weights are frozen.
    """
    for phase in phases:
        for pattern, rate in phase.rates.items():
            where = f"phase.{phase.name}.rates: {pattern!r}"
            if rate < 0:
                raise SettingError(f"{where} = {rate}: choose 0 or more")
            if not any(fnmatchcase(name, pattern) for name in names):
                raise SettingError(f"{where} fits no weight: {choices(pattern, names)}")
        if not any(share(phase, name) for name in names):
            raise SettingError(f"phase {phase.name}: every weight is frozen; raise a rate")
