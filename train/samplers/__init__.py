"""Samplers, one file each: which captions make a batch.

A file has ``Options`` and ``build(options, owner=, batch_size=, seed=)``, which returns a function
from the epoch (1, 2, ...) to the epoch's batches, each an int64 array of caption rows. The same
seed and epoch give the same batches, whatever ran before.
"""
