"""Losses, one file each: an ``nn.Module`` over what the task's ``forward`` returns -> a scalar.

A file has ``Options`` and ``build(options)``; a loss may own weights. ``warm_up(options)``, where
it exists, gives the options of the recipe's first ``warmup_epochs``.
"""
