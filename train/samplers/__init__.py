"""Samplers, one file each: which examples make a batch.

A file has ``Options`` and ``build(options, data=, batch_size=, seed=)``, which returns a
``train.sampler.Sampler``.
"""
