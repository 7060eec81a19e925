"""Which program makes the numbers: its version, its commit, and a digest of its own files."""

import os
import subprocess
from hashlib import sha256
from pathlib import Path

from core.version import VERSION

ROOT = Path(__file__).parents[2]
PACKAGES = ("core", "evaluate", "extract", "pipeline", "train")
ENDINGS = {".py", ".toml"}
SECONDS = 5.0
CHANGED = "+changed"


def program() -> dict[str, str]:
    """``version``; ``commit``; ``code``, the SHA-256 of the program's files and their names.

    The last two are empty where they cannot be known. Two trees that are changed have one commit:
    ``code`` tells them apart.
    """
    return {"version": VERSION, "commit": commit(), "code": code()}


def commit(root: Path = ROOT) -> str:
    """The commit of the program's own checkout, ``+changed`` where the files that run differ.

    Empty where there is no git, no checkout, or no answer within seconds.
    """
    told = _git(root, "rev-parse", "--show-toplevel", "HEAD")
    if told is None or len(told.split("\n")) != 2:
        return ""
    top, head = told.split("\n")
    changes = _git(root, "status", "--porcelain", "--untracked-files=normal", "--", *PACKAGES)
    if changes is None or Path(top).resolve() != root.resolve():
        return ""
    return head + (CHANGED if changes else "")


def code(root: Path = ROOT) -> str:
    """The SHA-256 of the names and bytes of all files that run; empty where one is unreadable."""
    digest = sha256()
    try:
        files = [file for package in PACKAGES for file in (root / package).rglob("*")]
        for file in sorted(file for file in files if file.suffix in ENDINGS):
            digest.update(f"{file.relative_to(root).as_posix()}\n".encode())
            digest.update(sha256(file.read_bytes()).digest())
    except OSError:
        return ""
    return digest.hexdigest()


def _git(root: Path, *words: str) -> str | None:
    """What git answers, without the last line break; None where it does not."""
    # GIT_DIR and the like, as in a hook, would name another checkout than the program's own.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        answer = subprocess.run(
            ["git", "-C", str(root), *words],
            env=kept | {"GIT_OPTIONAL_LOCKS": "0"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
        return answer.stdout.decode().strip()
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
