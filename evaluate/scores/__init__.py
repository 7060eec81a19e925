"""How alike images and captions are, in blocks: a file a formula, and files of what has none.

Formulas are ``inner``, ``cosine``, ``order`` and ``hamming``; ``stored`` is a matrix, ``averaged``
the mean of several scores, ``part`` some rows of one. Two codes rank all of them, and know only
``evaluate.scores.face``: ``evaluate.ranking`` counts, where right is what belongs together, and
``evaluate.placed`` sorts, where labels or files say what is right. Their rule of ties is one.
"""
