"""What tasks share whose captions are words: which words there are, and encoding many captions."""

from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
import torch
from pydantic import Field
from torch import Tensor

from core.records import Corpus
from core.settings import Settings
from core.sources import Source
from core.text import Vocabulary
from train.examples.tokens import Tokens
from train.present import present
from train.tasks._alone import FEW, require_own
from train.tasks._embedding import encoded


class WordOptions(Settings):
    """The options of captions as words."""

    min_count: int = Field(
        4, ge=1, description="rarer training words are unknown; pairs must occur once more"
    )
    split: Literal["words", "bag"] = Field(
        "words", description="captions are their words, or a bag of words, stems and pairs"
    )
    max_tokens: int = Field(256, ge=1, description="longer captions are cut to so many words")


def words_of(part: Corpus, sources: Mapping[str, Source], options: WordOptions) -> Vocabulary:
    """The words of the captions that are trained on."""
    known = present(part, list(sources.values())).part
    texts = (caption.text for caption in known.captions)
    return Vocabulary.build(
        texts, min_count=options.min_count, split=options.split, splitter=part.splitter
    )


def encoded_by_length(
    encoder: Callable[..., Tensor], texts: Tokens, batch_size: int, device: torch.device
) -> Tensor:
    """What ``encoder`` gives of all captions, (N, D) on the CPU in their order.

    Captions of one length stand together, so that little is padded.

    Raises:
        SettingError: what it gives of a caption follows from what stands beside or behind it.
    """
    order = np.argsort(texts.lengths, kind="stable")
    parts = [order[i : i + batch_size] for i in range(0, len(order), batch_size)]
    found = encoded(encoder, (texts.padded(rows) for rows in parts), device)
    if len(order) > FEW:
        few = tuple(each.to(device) for each in texts.padded(order[:FEW]))
        require_own(encoder, few, found[:FEW].to(device))
    return torch.empty_like(found).index_copy_(0, torch.from_numpy(order), found)
