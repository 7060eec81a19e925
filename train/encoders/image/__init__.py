"""Image encoders, one file each: cached features (B, crops, ...) -> unit vectors (B, D) float32.

A file has ``Options`` and ``build(options, shape=, dim=)``; ``shape`` is that of one
picture's features. An encoder may have ``prepare(blocks)``, which sees the training pictures'
features once, before training, and may refuse them with a ``SettingError``. What it measures there
must be a buffer (``register_buffer``): nothing else comes back with a run.
"""
