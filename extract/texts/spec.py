"""What a person names as a sentence encoder: a library's model, or a function in a file."""

from pathlib import Path

from core.errors import SettingError
from extract.texts.encoder import Known, TextEncoder

LIBRARY = "sentence-transformers"
FORMS = f"{LIBRARY}:NAME or FILE.py:FUNCTION"


def open_encoder(spec: str, device: str = "cpu", known: Known = lambda facts: None) -> TextEncoder:
    """The encoder that ``spec`` names, ready to encode; ``device`` is for a library's model.

    ``known`` is told the facts of a file that can be told before it is run, and may refuse them.

    Raises:
        SettingError: it names none, or what it names is broken or needs a library.
        InputError: a model cannot be loaded.
        OSError: a file cannot be read; with its name.
    """
    kind, colon, name = spec.rpartition(":")
    if spec.startswith(f"{LIBRARY}:"):
        from extract.texts.transformers import open_model

        return open_model(spec.removeprefix(f"{LIBRARY}:"), device)
    if colon and name and kind.endswith(".py"):
        from extract.texts.module import open_module

        return open_module(Path(kind), name, known)
    said = f"{spec}:encode" if spec.endswith(".py") else FORMS
    raise SettingError(f"--text {spec!r} names no sentence encoder; write --text {said}")
