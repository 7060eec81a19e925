"""Samplers, one file each: which examples make a batch.

A file has ``Options`` and ``build(options, data=, batch_size=, seed=)``, which returns a
``train.sampler.Sampler``. Where the task or a loss has a batch norm, the loop leaves out batches of
one example: metrics.jsonl tells how many examples an epoch had.
"""
