"""Text encoders, one file each: padded tokens (B, T) int64, lengths (B,) -> (B, D).

A file has ``Options`` and ``build(options, words=, dim=)``. The task scales what it gives to unit
length. What stands behind a caption's length changes nothing, and in eval mode nor do its
neighbours; a prediction refuses an encoder of which that is not so (``train/tasks/_alone.py``). An
encoder may have ``prepare(blocks)``, which sees the training captions once, before training, as
pairs of tokens and lengths. What it measures there must be a buffer (``register_buffer``): nothing
else comes back with a run.
"""
