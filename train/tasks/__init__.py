"""Tasks, one file each: how examples are read from a corpus and a cache, and what is learnt.

A file has ``build(settings, shape=, vocabulary=)``, which returns a ``train.loop.Task``.
"""
