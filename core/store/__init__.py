"""The feature store: a cache is a directory of HDF5 shards, each committed by rename.

    NAME-KEY8/            KEY8: the first 8 digits of the key
      cache.json          format, key, fields of the key, rows, shard_size, shards with their
                          sha256, failures, how it was made; ``complete``: true once all is there
      shard-00000.h5      /image/id (n,) utf-8   /image/sha256 (n,) of the picture file
                          /image/status (n,) u8: 1 done, 2 unreadable
                          /features/LAYER (n, crops, ...) float32|float16, contiguous
      shard-00000.json    key, rows, sha256 of the .h5, failures with reasons; written after the
                          .h5: it makes the shard count

The rows are the corpus's pictures sorted by id, and each .json carries its own digest;
``docs/format.md`` is the contract.
"""

from core.store.complete import find_complete
from core.store.directory import directory_name, find_cache
from core.store.key import FORMAT, cache_key
from core.store.reader import FeatureCache
from core.store.verify import undigested, verify_cache
from core.store.writer import FeatureWriter

__all__ = [
    "FORMAT",
    "FeatureCache",
    "FeatureWriter",
    "cache_key",
    "directory_name",
    "find_cache",
    "find_complete",
    "undigested",
    "verify_cache",
]
