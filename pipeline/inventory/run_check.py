"""Is every byte of a run, and of what was evaluated of it, as it was written?"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.errors import RunError
from evaluate.kept import AGAIN, REPORT, read_whole, unnamed, verify_report
from pipeline.indexed.kept import flaws as index_flaws
from pipeline.plots import curves
from pipeline.searched import kept
from pipeline.shown.report import written
from pipeline.tuned import backbone
from train.identity import read_run
from train.verify import unsealed, verify_run

ANEW = "remove that folder of vectors: the next `search` makes them anew"
MEND = "run the same `train` command again: it mends what it can, and says what it cannot"


def problems(run: Path) -> list[str]:
    """One sentence a file that is not as it was written, with the way out.

    Raises:
        RunError: there is no run.
    """
    found = [*verify_run(run), *backbone.flaws(run), *filter(None, [curves.flaw(run)])]
    own = [f"{problem}; {MEND}" for problem in found]
    own += [problem for folder in reports(run) for problem in _of_report(folder)]
    vectors = [flaw for folder in kept.collections(run) for flaw in kept.flaws(folder)]
    own += [f"{kept.VECTORS}/{flaw}; {ANEW}" for flaw in vectors]
    indexes = [flaw for folder in kept.collections(run) for flaw in index_flaws(folder)]
    return own + [f"{kept.VECTORS}/{flaw}" for flaw in indexes]


def notes(run: Path) -> list[str]:
    """Sentences about what cannot be checked, and about reports of another model than the run's."""
    try:
        told = [f"{name} carries no digest: an earlier version wrote it" for name in unsealed(run)]
        now = read_run(run)[1].model_sha256
    except (RunError, ValueError):  # a problem, and told as one
        told, now = [], ""
    for folder in reports(run):
        told += [
            f"{folder.name}/{name} is not named in a sealed {REPORT}: it cannot be checked"
            for name in unnamed(folder)
        ]
        told += _overtaken(folder, now)
    return told


def reports(run: Path) -> list[Path]:
    """The folders of a run that ``evaluate`` writes."""
    return sorted(folder for folder in run.glob("eval-*") if folder.is_dir())


def info(run: Path) -> dict[str, Any]:
    """What a run was made from and how far it is, as JSON values.

    Raises:
        RunError: there is no run, or it is damaged.
    """
    config, record = read_run(run)
    shown = {key: value for key, value in config.items() if key != "measured"}
    return shown | {
        "epoch": record.best_epoch,
        "epochs_done": record.epoch,
        "finished": record.done,
        "validation": record.best,
        **({"gallery": record.gallery} if record.gallery else {}),
        "model": record.model_sha256,
        "reports": [folder.name for folder in reports(run)],
        "vectors": [folder.name for folder in kept.collections(run)],
        "bytes": sum(file.stat().st_size for file in run.rglob("*") if file.is_file()),
    }


def _of_report(folder: Path) -> Iterator[str]:
    yield from verify_report(folder)
    yield from filter(None, [written.flaw(folder)])


def _overtaken(folder: Path, model: str) -> Iterator[str]:
    report = read_whole(folder)
    if report and model and report.get("model") != model:
        yield (
            f"{folder.name}/{REPORT} is of epoch {report.get('epoch')}, whose model is no longer "
            f"the run's; {AGAIN}"
        )
