"""A model of the library sentence-transformers as a sentence encoder."""

from importlib.metadata import version
from pathlib import Path
from typing import Any

from core.errors import InputError, SettingError
from core.files import file_sha256, json_sha256
from core.wording import one_line
from extract.texts.encoder import TextEncoder

LIBRARY = "sentence-transformers"
OWNER = "sentence-transformers"
"""Whose a model is that is named without an owner."""
READ = (".json", ".txt", ".model", ".bin", ".safetensors")
"""The ends of the files that make a model: options, words and weights."""
NOT_READ = ("onnx", "openvino")


def open_model(name: str, device: str) -> TextEncoder:
    """The model of this name, of the hub or in a folder.

    Raises:
        SettingError: the library is not installed.
        InputError: the model cannot be loaded.
        OSError: a file of it cannot be read; with its name.
    """
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError:
        raise SettingError(
            f"--text {LIBRARY}:{name} needs the library {LIBRARY}, which is not installed; type "
            f"`pip install {LIBRARY}`, or give a function of your own: --text FILE.py:FUNCTION"
        ) from None
    try:
        model = SentenceTransformer(name, device=device)
        folder = _folder(name)
    except MemoryError:
        raise
    except Exception as error:  # the hub, the network and a damaged file each fail in their way
        raise InputError(
            f"the sentence encoder {name!r} cannot be loaded: {_first_line(error)}; give a name of "
            "the hub, for the first time with a network, or the folder of a model"
        ) from error

    def encode(texts: list[str]) -> Any:
        return model.encode(
            texts, batch_size=len(texts), convert_to_numpy=True, show_progress_bar=False
        )

    local = Path(name).is_dir()
    return TextEncoder(
        name=Path(name).name,
        spec=f"{LIBRARY}:{Path(name).resolve() if local else name}",
        facts={"library": LIBRARY, "weights": _digest(folder)},
        encode=encode,
        fault=lambda error: f"{LIBRARY}: {type(error).__name__}: {_first_line(error)}",
        libraries={each: version(each) for each in (LIBRARY, "transformers", "torch")},
    )


def _folder(name: str) -> Path:
    """Where the files of a model are that was loaded a moment ago."""
    if Path(name).is_dir():
        return Path(name)
    from huggingface_hub import snapshot_download

    owned = name if "/" in name else f"{OWNER}/{name}"
    return Path(snapshot_download(owned, local_files_only=True))


def _digest(folder: Path) -> str:
    files = sorted(
        file
        for file in folder.rglob("*")
        if file.suffix in READ and not {*file.relative_to(folder).parts} & {*NOT_READ}
    )
    return json_sha256([[f.relative_to(folder).as_posix(), file_sha256(f)] for f in files])


def _first_line(error: Exception) -> str:
    return one_line(str(error).strip().partition("\n")[0]) or type(error).__name__
