"""How alike images and captions are, in blocks: one file a formula, and two that need none.

All of them are ranked by the same counting code (``evaluate.ranking``), which knows only
``evaluate.scores.face``.
"""
