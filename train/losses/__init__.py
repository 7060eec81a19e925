"""Losses, one file each: an ``nn.Module`` over the task's outputs.

A file has ``Options`` and ``build(options, measured=, dim=)``: a loss may know what was measured of
the training part and own weights; ``dim`` is the width of the outputs. The parameters of its
``forward`` are names of outputs (``image``, ``caption``, ``image_id`` ...); it returns a scalar, or
a cost an example (B,), whose mean is the loss and which the sampler is told.

A loss whose scalar is a sum may have a method ``summed``, whose parameters are names of outputs
too: how many numbers that sum has, an int. What a person reads is the loss divided by it, so that
one batch size and another, and a sum over all negatives and over the hardest, can be compared; what
is trained stays the sum. Nothing else of a loss is called so, neither a layer nor a number, and a
loss that gives a cost an example has none.

A loss that can make all vectors one may have a method ``collapse``, which gives the value that it
has there and the loss to go back to (``train.collapse.Collapse``), or None; a training that stands
there is told of, and with ``guard = true`` goes back (``train.guard``). It is called without
arguments, and the name is the method's too.

A loss of the scores of pictures with captions alone is a ``train.scored.Scored``: so it also
serves a task with another similarity than the inner product, which refuses all other losses.

Its tests take a name that ends in ``_id`` for int64 (B,), ``label`` for bool (B, classes), and any
other for vectors (B, dim); what is something else comes from the file's own ``example(rows)``, a
mapping from names to tensors.
"""
