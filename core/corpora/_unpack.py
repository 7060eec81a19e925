"""What to type to unpack an archive."""

from pathlib import Path

from core.wording import quoted

_WORDS = {
    ".zip": "unzip {file} -d {folder}",
    ".npz": "unzip {file} -d {folder}",
    ".7z": "7z x {file} -o{folder}",
    ".rar": "unrar x {file} {folder}/",
}
_TAR = "mkdir {folder} && tar -xf {file} -C {folder}"


def unpacked(archive: Path) -> str:
    """How to unpack ``archive``, and what to type then.

    Example:
        >>> unpacked(Path("photos.zip"))
        'unpack it: unzip photos.zip -d photos; then type photos'
    """
    folder = archive.with_name(archive.name.partition(".")[0] or "unpacked")
    words = _WORDS.get(archive.suffix.lower(), _TAR)
    typed = words.format(file=quoted(archive), folder=quoted(folder))
    if archive.name.lower().endswith((".tar.gz", ".tgz")):
        typed += f" (or, with texts beside the pictures in it, gunzip {quoted(archive)})"
    return f"unpack it: {typed}; then type {quoted(folder)}"
