"""Losses, one file each: an ``nn.Module`` over the task's outputs.

A file has ``Options`` and ``build(options, measured=, dim=)``: a loss may know what was measured of
the training part and own weights; ``dim`` is the width of the outputs. The parameters of its
``forward`` are names of outputs (``image``, ``caption``, ``image_id`` ...); it returns a scalar, or
a cost an example (B,), whose mean is the loss and which the sampler is told.
"""
