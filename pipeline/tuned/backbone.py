"""``backbone.safetensors`` of a run that tuned its CNN: written, found again, and verified."""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from core.errors import RunError, fault
from core.files import IrregularFile, file_sha256, json_sha256, write_bytes
from core.sealed import check_sealed, write_sealed
from core.settings import validate
from core.sources import refuse_other_facts
from extract.settings import FeatureSettings
from extract.stated import made_by
from pipeline.memory.known import Known
from pipeline.memory.late import Late
from train.identity import read_config, read_run
from train.origins import BACKBONE, FORMAT, SAID, features_of, said, tunes
from train.record import CONFIG, Record
from train.start import CNN


def keep_backbone(run: Path, record: Record, known: Known) -> bool:
    """Write the network of a finished run, and what its features are, where they are not there.

    All follows from the model; that of the best epoch.

    Returns:
        Whether anything was written.

    Raises:
        RunError: the model is damaged.
        OSError: the run cannot be written.
    """
    config = read_config(run)
    if not next(_flaws(run, record), ""):
        return False
    digest = _write(run)
    sources = {name: _tuned(run, begun, known) for name, begun in features_of(config).items()}
    content = {"format": FORMAT, "model": record.model_sha256, "sha256": digest}
    write_sealed(run / SAID, {**content, "sources": sources})
    return True


def flaws(run: Path) -> list[str]:
    """What is wrong with the backbone of a run; nothing of one that has none, or none yet."""
    try:
        config, record = read_run(run)
    except (RunError, OSError):  # told as a problem of its own
        return []
    return list(_flaws(run, record)) if tunes(config) and record.done else []


def _flaws(run: Path, record: Record) -> Iterator[str]:
    try:
        told = said(run)
        check_sealed(run / SAID)
    except FileNotFoundError:
        yield f"{SAID} is missing"
        return
    except (RunError, ValueError) as error:
        yield fault(error) if isinstance(error, RunError) else f"{SAID} is damaged: {error}"
        return
    if told.get("model") != record.model_sha256:
        yield f"{SAID} is of another model than the run's"
    try:
        whole = file_sha256(run / BACKBONE) == told.get("sha256")
    except FileNotFoundError:
        yield f"{BACKBONE} is missing"
    except IrregularFile as error:
        yield f"{BACKBONE} {error.strerror}: move it elsewhere"
    else:
        if not whole:
            yield f"{BACKBONE} is damaged: its sha256 is another"


def _write(run: Path) -> str:
    """The file's SHA-256."""
    import safetensors.torch

    from train.checkpoint import read_best
    from train.learner import under

    data = safetensors.torch.save(under(f"task.{CNN}", read_best(run)[1]))
    write_bytes(run / BACKBONE, data)
    return sha256(data).hexdigest()


def _tuned(run: Path, begun: Mapping[str, Any], known: Known) -> dict[str, Any]:
    """The features of the tuned CNN, as those of the run that was begun with were made."""
    then = begun["made_by"]
    sizes = f"{then['transform']['resize']}:{then['transform']['crop']}"
    chosen = {**begun["settings"], "transform": begun["settings"]["transform"] or sizes}
    file = {"weights": str((run / BACKBONE).resolve())}
    settings = validate(FeatureSettings, {**chosen, **file}, str(run / CONFIG))
    late = Late(settings, known)
    now = made_by(late.stated, settings)
    late.keep()
    told = {**then, "weights": now["weights"], "decoder": now["decoder"]}
    refuse_other_facts(f"the features of {run}", told, now, "this is a fault of the program")
    own = {**chosen, "weights": BACKBONE}
    return {"encoder": json_sha256(now), "made_by": now, "settings": own}
