"""Removing a folder: as far as a kill lets it, whole or not at all."""

import os
import secrets
import shutil
from pathlib import Path

from core.errors import InputError
from core.files import TEMPORARY
from core.lock import exclusive


def remove_folder(folder: Path) -> None:
    """Delete ``folder`` and all that is in it, while nobody writes it.

    It loses its name first. A kill before that leaves all of it; one after it a private folder,
    which ``core.leftovers.tidy`` deletes. Links inside are removed, and not followed.

    Raises:
        BusyError: another process is writing it; the message names the process.
        InputError: something in it may not be deleted; nothing has been.
        OSError: the system fails; with the file's name.
    """
    _require_removable(folder)
    with exclusive(folder):
        private = folder.parent / f"{TEMPORARY}{os.getpid()}-{secrets.token_hex(8)}"
        folder.rename(private)
        shutil.rmtree(private)


def _require_removable(folder: Path) -> None:
    inner = (Path(parent) for parent, _, _ in os.walk(folder))
    for place in (folder.parent, *inner):
        if not os.access(place, os.W_OK | os.X_OK | os.R_OK):
            raise InputError(
                f"{folder} was left as it is: nothing may be deleted in {place}; change its "
                "permissions (chmod u+rwx) and remove it again"
            )
