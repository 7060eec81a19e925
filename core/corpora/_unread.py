"""What lies beside stored vectors and would tell more of them, if it were read."""

from collections.abc import Collection, Mapping
from pathlib import Path, PurePosixPath

from core.corpora._classes import NAMES
from core.corpora._slots import LABELS, Slot, slot_of, tells_split
from core.corpora._stored import ALONE, Matrix
from core.corpora._survey import survey
from core.errors import InputError
from core.variables import ENDINGS


def refuse_unread(path: Path, found: Mapping[Slot, Matrix], left_out: Collection[Matrix]) -> None:
    """Refuse what a person would take for read: labels in another kind of file, lists of rows.

    Raises:
        InputError: labels are told in a file that is not read, and in none that is; or something
            is called by a split where no vectors are.
    """
    beside = survey(path).beside if path.is_dir() else ()
    others = [name for name in beside if not name.lower().endswith((ALONE, *ENDINGS))]
    for name in others:
        slot = slot_of(PurePosixPath(name).stem)
        told = slot is not None and slot.kind == LABELS and name not in NAMES
        if told and not any(each[::2] == slot[::2] for each in found if slot):
            raise InputError(
                f"{path / name} is not read, and the labels are told nowhere else; save them as "
                f"whole numbers, {PurePosixPath(name).stem}.npy, and the classes' names in "
                "classes.txt, or call it otherwise"
            )
    if any(slot.split for slot in found):
        return
    strange = [str(path / name) for name in others if tells_split(PurePosixPath(name).stem)]
    strange += [str(matrix) for matrix in left_out if tells_split(matrix.name)]
    if strange:
        raise InputError(
            f"{strange[0]} is called by a split, and no vectors are; lists of rows are not read: "
            "save the rows of each split as matrices of their own, such as "
            "np.save('train_images.npy', images[rows]), or call it otherwise"
        )
