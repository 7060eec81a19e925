"""A report as a file: ``report.json``, sealed, names by digest what was predicted beside it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from core.files import TEMPORARY, file_sha256, read_regular
from core.sealed import check_sealed, read_sealed, write_sealed

FORMAT = "tencrop-report/2"
REPORT = "report.json"
PAGE = "report.html"
"""What a person looks at; it says itself whether it is whole."""
AGAIN = "run `evaluate` with the same options again"


def keep(folder: Path, facts: Mapping[str, Any], files: Mapping[str, str]) -> dict[str, Any]:
    """Write ``folder/report.json`` and return what it says but for its own digest.

    Args:
        folder: where the files are.
        facts: JSON values.
        files: the SHA-256 of each file that was written beside it, by its name.
    """
    report = {"format": FORMAT, **facts, "files": dict(files)}
    write_sealed(folder / REPORT, report)
    return report


def read_whole(folder: Path) -> dict[str, Any] | None:
    """The report in ``folder``; None where it or a file that it names is not as it was written."""
    try:
        sealed = check_sealed(folder / REPORT)
        report = read_sealed(folder / REPORT)
    except (OSError, ValueError):
        return None
    ours = sealed and report.get("format") == FORMAT
    return report if ours and not list(_problems(folder, report)) else None


def verify_report(folder: Path) -> list[str]:
    """One sentence a problem of the report in ``folder`` and of the files that it names.

    Each ends with the way out; empty when every byte is as it was written, or when the report is of
    an earlier version, which had no digests (see ``unnamed``).
    """
    file = folder / REPORT
    try:
        sealed = check_sealed(file)
        report = read_sealed(file)
    except FileNotFoundError:
        return [f"{folder.name} has no {REPORT}: its evaluation was cut short; {AGAIN}"]
    except OSError as error:
        return [
            f"{folder.name}/{REPORT} cannot be read ({error.strerror}); see to that, then {AGAIN}"
        ]
    except ValueError as error:
        return [f"{folder.name}/{REPORT} is damaged ({error}); {AGAIN}"]
    return list(_problems(folder, report)) if sealed else []


def unnamed(folder: Path) -> list[str]:
    """The files in ``folder`` that no digest is known of, by name; empty where the report is gone.

    Those that a killed process left are among them until the next evaluation.
    """
    try:
        named = {REPORT, PAGE, *_files(read_sealed(folder / REPORT))}
        sealed = check_sealed(folder / REPORT)
    except (OSError, ValueError):
        return []
    known = named if sealed else {PAGE}
    return sorted(file.name for file in folder.iterdir() if file.name not in known)


def is_ours(file: Path) -> bool:
    """Whether ``file``, whole or damaged, is a report of this program; so is one that is missing.

    Raises:
        OSError: it cannot be read.
    """
    return not file.exists() or b"tencrop-report" in read_regular(file)


def _problems(folder: Path, report: Mapping[str, Any]) -> Iterator[str]:
    for name, digest in _files(report).items():
        where = f"{folder.name}/{name}"
        if not _plain(name):
            yield f"{folder.name}/{REPORT} names {name!r}, which is no file beside it; {AGAIN}"
            continue
        try:
            if file_sha256(folder / name) != digest:
                yield f"{where} is damaged: its sha256 is not the one in {REPORT}; {AGAIN}"
        except FileNotFoundError:
            yield f"{where} is missing; {AGAIN}"
        except OSError as error:
            yield f"{where} cannot be read ({error.strerror}); see to that, then {AGAIN}"


def _plain(name: str) -> bool:
    odd = "\0" in name or name in ("", "..") or name.startswith(TEMPORARY)
    return Path(name).name == name and not odd


def _files(report: Mapping[str, Any]) -> dict[str, Any]:
    files = report.get("files")
    return files if isinstance(files, dict) else {}
