"""Image encoders, one file each: features (B, crops, ...) of each source -> (B, D) float32.

A file has ``Options`` and ``build(options, shapes=, dim=)``; ``shapes`` has the shape of one
picture's features of each source, in the order in which they are given. The task scales what an
encoder gives to unit length. In eval mode each row follows from itself alone; a prediction refuses
an encoder of which that is not so (``train/tasks/_alone.py``). An encoder may have
``prepare(blocks)``, which sees the training pictures once, before training, as a tuple of tensors a
block, and may refuse them with a ``SettingError``. What it measures there must be a buffer
(``register_buffer``): nothing else comes back with a run.
"""
