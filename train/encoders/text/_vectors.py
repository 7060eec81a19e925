"""Word vectors of text encoders: learned ones, and those of files beside them."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn.functional import embedding

from core.bag import is_word
from core.errors import InputError, SettingError
from core.settings import Settings
from core.text import SPECIALS, Vocabulary
from core.wordvectors import read_vectors
from train.word_files import WordFiles, place_of, width


class WordOptions(Settings):
    """The options of encoders whose words may have vectors from files."""

    files: WordFiles = Field(
        (), description="files of word vectors, beside what is learned of a word"
    )
    tune: bool = Field(False, description="let the vectors of files learn too")
    scale: float = Field(
        0.3, ge=0, description="deviation to which those of each file are scaled; 0: as they are"
    )


class WordTable(nn.Module):
    """tokens (...) int64 -> (..., width): learned numbers, then those of each file.

    A word that a file lacks, and what is no word (specials, stems, pairs), has zeros there. What
    the files hold comes with ``take_files`` before a training, and with the weights afterwards.

    Attributes:
        learned: the learned numbers; None where there are none.
        width: how many numbers a word has.
    """

    def __init__(self, options: WordOptions, *, words: Vocabulary, learned: int):
        """Room for ``learned`` numbers a word, which torch draws, and for those of the files.

        Raises:
            SettingError: a word would have no numbers.
        """
        super().__init__()
        if not (learned or options.files):
            raise SettingError("word_dim = 0: a word needs numbers; set word_dim, or files")
        self._options, self._words = options, words
        self.learned = nn.Embedding(len(words), learned) if learned else None
        widths = [width(file) for file in options.files]
        for number, size in enumerate(widths):
            block = torch.zeros(len(words), size)
            if options.tune:
                self.register_parameter(_block(number), nn.Parameter(block))
            else:
                self.register_buffer(_block(number), block)
        self.width = learned + sum(widths)

    def forward(self, tokens: Tensor) -> Tensor:
        """Look up (...) int64 below the number of words: (..., width) float32."""
        given = [embedding(tokens, block) for block in self._blocks()]
        own = [] if self.learned is None else [self.learned(tokens)]
        return torch.cat([*own, *given], dim=-1)

    def take_files(self, files: Mapping[str, str]) -> list[str]:
        """Read the vectors of the vocabulary's words.

        Args:
            files: name -> path, of the options' files that are names (see ``train.word_files``).

        Returns:
            Sentences for a person: the share of the words that each file has.

        Raises:
            InputError: a file has none of the words, or its vectors are all alike.
            SettingError: a name is of no file.
        """
        every = enumerate(self._words.words)
        rows = [row for row, word in every if row >= len(SPECIALS) and is_word(word)]
        words, told = [self._words.words[row] for row in rows], []
        for file, block in zip(self._options.files, self._blocks(), strict=True):
            path = place_of(file, files)
            values, share = _read(path, words, self._options.scale)
            told.append(share)
            with torch.no_grad():
                block[torch.tensor(rows)] = torch.from_numpy(values).to(block.device)
        return told

    def _blocks(self) -> Iterator[Tensor]:
        return (getattr(self, _block(number)) for number in range(len(self._options.files)))


def word_vectors(
    options: WordOptions, *, words: Vocabulary, learned: int
) -> tuple[nn.Embedding | WordTable, int]:
    """The vectors of an encoder's words, and how wide they are; torch's own without files.

    Raises:
        SettingError: a word would have no numbers.
        InputError, OSError: a file, given by its path, cannot be read.
    """
    if not options.files and learned:
        return nn.Embedding(len(words), learned), learned
    table = WordTable(options, words=words, learned=learned)
    return table, table.width


def begin_uniform(vectors: nn.Embedding | WordTable) -> None:
    """Draw the learned numbers from U(-0.1, 0.1)."""
    learned = vectors.learned if isinstance(vectors, WordTable) else vectors
    if learned is not None:
        nn.init.uniform_(learned.weight, -0.1, 0.1)


def _block(number: int) -> str:
    return f"file{number}"


def _read(path: Path, words: list[str], scale: float) -> tuple[npt.NDArray[np.float32], str]:
    """(words, width) the vectors, scaled; and a sentence that tells the share of the words."""
    read = read_vectors(path, words)
    found = read.values[read.found].astype(np.float64)
    many = f"{len(found):,} of the vocabulary's {len(words):,} words"
    if not len(found):
        way = "give vectors of the captions' language, in lower case"
        raise InputError(f"{path} has {many}; {way}")
    deviation = found.std()
    if scale and not deviation:
        raise InputError(f"{path}: its vectors are all alike; give another file")
    factor = scale / deviation if scale else 1.0
    share = f"{path} has {many} ({100 * len(found) / len(words):.1f} %)"
    return (read.values * factor).astype(np.float32), share
