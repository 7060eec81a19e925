"""Is every byte of a run what was written?"""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from core.errors import RunError, TencropError, fault
from core.files import IrregularFile
from core.sealed import check_sealed
from train.identity import read_run, untrained
from train.measured import VOCABULARY, Measured
from train.record import CONFIG, LAST, METRICS, PREVIOUS, read_record
from train.seen import FILE as SEEN
from train.seen import Seen
from train.settled import metrics_lost
from train.states import flaw

SEALED = (CONFIG, LAST, PREVIOUS, VOCABULARY, SEEN)


def verify_run(path: Path) -> list[str]:
    """Compare every file of the run with its digest.

    A training may be going on beside it: what it replaced meanwhile is looked at again.

    Returns:
        One sentence a problem; empty when every byte is as it was written.

    Raises:
        RunError: there is no run.
    """
    if not ((path / CONFIG).exists() or (path / LAST).exists() or untrained(path)):
        raise RunError(f"{path} is not a run (no {CONFIG}); make one with `train`")
    begun = not (path / LAST).exists() and not list(path.glob("*.safetensors"))
    compare = _untrained_problems if begun else _problems
    problems = list(compare(path))
    return list(compare(path)) if problems else []


def unsealed(path: Path) -> list[str]:
    """The files of the run that carry no digest, as those of earlier versions."""
    return [name for name in SEALED if (path / name).is_file() and not check_sealed(path / name)]


def _problems(path: Path) -> Iterator[str]:
    sealed = list(_sealed_problems(path))
    yield from sealed
    if sealed:
        return
    try:
        config, record = read_run(path)
        Measured.read(path, config["measured"])
        Seen.read(path, config["identity"]["seen"])
    except TencropError as error:
        yield fault(error)
        return
    try:
        if metrics_lost(path, record):
            yield f"{METRICS} is not what {LAST} says"
    except IrregularFile as error:
        yield f"{METRICS} {error.strerror}: move it elsewhere"
    records = [record]
    with suppress(RunError):  # taken away, or not there yet: the files that it names go with it
        records.append(read_record(path, PREVIOUS))
    named = {name: digest for each in records for name, digest in each.files.items()}
    yield from filter(None, (flaw(path / name, digest) for name, digest in named.items()))


def _untrained_problems(path: Path) -> Iterator[str]:
    """Of a run without a state, whose files nothing names yet."""
    if not (path / CONFIG).exists():
        yield f"{CONFIG} is missing"
    yield from _sealed_problems(path)


def _sealed_problems(path: Path) -> Iterator[str]:
    return (problem for name in SEALED for problem in _unlike(path / name))


def _unlike(file: Path) -> Iterator[str]:
    try:
        check_sealed(file)
    except FileNotFoundError:
        return
    except IrregularFile as error:
        yield f"{file.name} {error.strerror}: move it elsewhere"
    except ValueError as error:
        yield f"{file.name} is damaged: {error}"
