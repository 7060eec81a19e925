"""A foreign checkpoint as tensors and facts, read by ``apart.py`` in a process of its own."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from core.errors import InputError
from core.files import file_sha256, read_json
from core.text import SPECIALS, Vocabulary
from core.wording import one_line

if TYPE_CHECKING:
    from torch import Tensor

APART = Path(__file__).with_name("apart.py")
TENSORS, TOLD = "tensors.safetensors", "told.json"
MIN_COUNT = 1
"""How often a word had to occur is not told; once it did."""
_ASKED_FOR = re.compile(r"GLOBAL (\S+) was not|asks for (\S+),")


@dataclass(frozen=True)
class Foreign:
    """What somebody else's checkpoint holds.

    Attributes:
        file: where it is.
        tensors: by their dotted paths.
        facts: all else in it, as JSON values.
        words: those of its vocabulary, where one was given.
        digests: the SHA-256 of each file that was read, by its name.
    """

    file: Path
    tensors: "Mapping[str, Tensor]"
    facts: Mapping[str, Any]
    words: Vocabulary | None
    digests: Mapping[str, str]


def read_foreign(file: Path, vocabulary: Path | None) -> Foreign:
    """Read ``file``, which ``torch.save`` wrote, and a vocabulary, pickled or in JSON as SCAN's.

    Raises:
        InputError: it cannot be read, holds more than tensors and plain things, or its vocabulary
            does not number its words.
        OSError: a file is not there.
    """
    from safetensors.torch import load_file  # with torch, which takes seconds

    files = [file, *([vocabulary] if vocabulary else [])]
    digests = {each.name: file_sha256(each) for each in files}
    pickled = vocabulary if vocabulary and vocabulary.suffix.lower() != ".json" else None
    with TemporaryDirectory(prefix="tencrop-convert-") as folder:
        _read_apart(file, pickled, Path(folder))
        told = json.loads((Path(folder) / TOLD).read_text(encoding="utf-8"))
        tensors = load_file(Path(folder) / TENSORS)
    words = None
    if vocabulary:
        words = _words(told["vocabulary"] if pickled else _of_json(vocabulary), vocabulary)
    facts = told["checkpoint"] if isinstance(told["checkpoint"], dict) else {}
    return Foreign(file, tensors, facts, words, digests)


def _read_apart(file: Path, vocabulary: Path | None, folder: Path) -> None:
    words = [str(file.resolve()), str(vocabulary.resolve()) if vocabulary else "", str(folder)]
    done = subprocess.run(
        [sys.executable, "-I", str(APART), *words], cwd=folder, capture_output=True, check=False
    )
    if done.returncode == 0:
        return
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    why = one_line(lines[-1]) if lines else f"the process ended with {done.returncode}"
    if asked := _ASKED_FOR.search(why):
        name = asked[1] or asked[2]
        raise InputError(
            f"{file} was not read: it or its vocabulary asks for {name}, which no checkpoint of "
            "weights needs; save its state dicts alone, with torch.save, where it was made"
        )
    raise InputError(
        f"{file} or its vocabulary cannot be read ({why[:200]}); fetch them again, or save its "
        "state dicts where it was made"
    )


def _of_json(file: Path) -> dict[str, list[list[Any]]]:
    try:
        content = read_json(file)
        return {name: [[k, v] for k, v in content[name].items()] for name in ("word2idx",)}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{file} is no vocabulary ({error}); give the one that the model was trained with"
        ) from None


def _words(told: Mapping[str, list[list[Any]]], file: Path) -> Vocabulary:
    """The words in the order of their numbers.

    Raises:
        InputError: the numbers are not 0, 1, 2 ..., both tables differ, or the specials are others.
    """
    numbers = {str(word): number for word, number in told["word2idx"]}
    words = sorted(numbers, key=lambda word: numbers[word])
    back = told.get("idx2word")
    agree = back is None or sorted((int(n), w) for n, w in back) == list(enumerate(words))
    if [numbers[word] for word in words] != list(range(len(words))) or not agree:
        raise InputError(
            f"{file} does not number its words from 0 on without a gap; give the vocabulary that "
            "the model was trained with"
        )
    if tuple(words[: len(SPECIALS)]) != SPECIALS:
        raise InputError(
            f"{file} begins with {' '.join(words[: len(SPECIALS)])}, not {' '.join(SPECIALS)} as "
            "VSE++'s do; its captions would be read otherwise than by its own program"
        )
    return Vocabulary(tuple(words), MIN_COUNT)
