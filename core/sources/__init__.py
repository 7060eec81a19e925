"""Where a model's numbers come from: a layer of a cache, stored vectors, or pixels."""

from core.sources.by_layer import of_layers, together
from core.sources.cached import CacheLayer
from core.sources.captions import (
    CAPTIONS,
    TEXT,
    caption_sha256,
    of_captions,
    rows_of_captions,
    text_sha256,
)
from core.sources.encoder import IMPORTED, refuse_other_encoder, refuse_other_facts
from core.sources.source import Rows, Source
from core.sources.stored import StoredVectors
from core.sources.views import Views, by_network, each_view

__all__ = [
    "IMPORTED",
    "CAPTIONS",
    "TEXT",
    "CacheLayer",
    "Rows",
    "Source",
    "StoredVectors",
    "Views",
    "by_network",
    "caption_sha256",
    "each_view",
    "of_captions",
    "of_layers",
    "refuse_other_encoder",
    "refuse_other_facts",
    "rows_of_captions",
    "text_sha256",
    "together",
]
