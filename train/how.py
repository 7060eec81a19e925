"""How a training is computed, which is no part of what is trained: on request alike, or compiled.

On a CPU the same seed gives the same bits anyway. On an accelerator many operators add up in the
order in which their threads come; ``deterministic`` chooses those that do not.
"""

import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import torch

from core.errors import SettingError
from train.identity import COMPUTED, read_config, untrained
from train.ranks.ranks import Ranks
from train.ranks.told import Told
from train.record import CONFIG

WORKSPACE = "CUBLAS_WORKSPACE_CONFIG"
"""cuBLAS reads it at its first product; with either of two values its sums have one order."""
WITHOUT = "leave --{} out (of a run that has saved a state, into another --run)"
COMPILER = ("torch._dynamo", "torch._inductor")
"""Where the errors of torch's compiler are, whatever was wrong."""
OF_ONE_ORDER = (":4096:8", ":16:8")


class How(NamedTuple):
    """What was asked for.

    ``deterministic``: operators that give the same bits each time, or an error. ``compile``: parts
    compiled by torch (``train.computing``), or an error.
    """

    deterministic: bool = False
    compile: bool = False

    def noted(self, run: Path) -> dict[str, Any]:
        """What ``config.json`` of ``run`` says of it; nothing where nothing was ever asked for."""
        asked = {name: True for name, wanted in self._asdict().items() if wanted}
        before = (run / CONFIG).exists() and COMPUTED in read_config(run)
        return {COMPUTED: asked} if asked or before else {}

    @contextmanager
    def within(self) -> Iterator[None]:
        """Inside it is computed so, and outside as before.

        Raises:
            SettingError: an operator has no form with the same bits each time, or the environment
                says otherwise; or nothing can be compiled here.
        """
        with ExitStack() as inside:
            if self.compile:
                inside.enter_context(_compiling())
            if self.deterministic:
                inside.enter_context(_deterministic())
            yield


@contextmanager
def _deterministic() -> Iterator[None]:
    _require_one_order()
    was = torch.are_deterministic_algorithms_enabled()
    warns = torch.is_deterministic_algorithms_warn_only_enabled()
    chooses = torch.backends.cudnn.benchmark
    torch.use_deterministic_algorithms(True)
    torch.backends.cudnn.benchmark = False
    try:
        yield
    except RuntimeError as error:
        if "determinis" not in str(error):
            raise
        raise SettingError(_without(error)) from error
    finally:
        torch.use_deterministic_algorithms(was, warn_only=warns)
        torch.backends.cudnn.benchmark = chooses


@contextmanager
def _compiling() -> Iterator[None]:
    try:
        with warnings.catch_warnings():  # the compiler's, of torch's own code
            warnings.filterwarnings("ignore", module=r"torch\.")
            yield
    except Exception as error:
        if not type(error).__module__.startswith(COMPILER):
            raise
        told = str(getattr(error, "inner_exception", error)).splitlines()
        line = next((line.strip() for line in told if line.strip()), type(error).__name__)
        raise SettingError(
            f"--compile: torch's compiler cannot make this training's parts here ({line}); "
            f"{WITHOUT.format('compile')}"
        ) from error


def _require_one_order() -> None:
    """Tell cuBLAS, which has computed nothing yet."""
    found = os.environ.setdefault(WORKSPACE, OF_ONE_ORDER[0])
    if found not in OF_ONE_ORDER:
        raise SettingError(
            f"--deterministic: {WORKSPACE} = {found!r} lets cuBLAS add up in any order; unset it, "
            f"or set it to {' or '.join(OF_ONE_ORDER)}"
        )


def _without(error: RuntimeError) -> str:
    """What to do where there is no such operator: torch's sentence, cut before its own advice."""
    line = str(error).partition("\n")[0].partition(", but you set")[0].partition(". You can")[0]
    return f"--deterministic: {line}; train with --device cpu, or {WITHOUT.format('deterministic')}"


def common(ranks: Ranks, first: Callable[[], How]) -> How:
    """What ``first`` says in rank 0, for all of ``ranks``.

    Raises:
        SettingError: several are to compile parts, in which they wait for one another.
    """
    how = ranks.first(first, lambda how: Told(how._asdict()), lambda told: How(**told.facts))
    if how.compile and ranks.count > 1:
        raise SettingError(
            f"--compile is for one process: train in one, or {WITHOUT.format('compile')}"
        )
    return how


def as_begun(run: Path, asked: How, say: Callable[[str], None]) -> How:
    """How ``run`` was begun, whatever is ``asked`` for now; without a state yet, as asked."""
    if not (run / CONFIG).exists() or untrained(run):
        return asked
    noted = read_config(run).get(COMPUTED, {})
    begun = How(**{name: bool(noted.get(name, False)) for name in How._fields})
    for name, was in begun._asdict().items():
        if was != getattr(asked, name):
            way = "with" if was else "without"
            say(f"{run} was begun {way} --{name}: going on {way} it, for the same bits")
    return begun
