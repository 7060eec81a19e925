"""Optimisers, one file each.

A file has ``Options``, with ``lr``, and ``build(options, groups)``, which returns a
``torch.optim.Optimizer`` over ``groups``, a list of ``{"params": weights}``. What it keeps between
two steps are tensors, which are saved.
"""
