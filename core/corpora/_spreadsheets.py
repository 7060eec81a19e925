"""What to do with a spreadsheet that lies where a table of captions should."""

from pathlib import Path

from core.corpora._endings import SPREADSHEET_ENDINGS
from core.wording import one_line


def is_spreadsheet(name: str) -> bool:
    """Whether a file's name has the ending of a spreadsheet."""
    return name.lower().endswith(SPREADSHEET_ENDINGS)


def saved(sheet: Path) -> str:
    """As what to save ``sheet``, and where the pictures belong.

    Example:
        >>> saved(Path("photos/mine.xlsx"))
        'mine.xlsx is a spreadsheet: save it as CSV (UTF-8) in photos/captions.csv, with the \
columns image and caption and a row a caption, and the pictures in photos/images; then type photos'
    """
    folder = sheet.parent
    return (
        f"{one_line(sheet.name)} is a spreadsheet: save it as CSV (UTF-8) in "
        f"{folder / 'captions.csv'}, with the columns image and caption and a row a caption, and "
        f"the pictures in {folder / 'images'}; then type {folder}"
    )
