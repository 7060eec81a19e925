"""Paths as one knows them: a link that is the thing itself is not followed."""

from pathlib import Path


def as_known(path: Path) -> Path:
    """Where ``path`` is from here; a link that is followed on the way, but for the last part.

    A folder that one reaches by a link is known by the link, also when that leads elsewhere later.
    """
    if path.name in ("", ".."):
        return path.resolve()
    return path.parent.resolve() / path.name
