"""One file a measure: a pure function of where the right answers stand, one value a query.

A file has ``measure(hits, options)``, from ``evaluate.hits.Hits`` to a mapping: name -> (Q,)
float64; ``PERFECT``, each name's value where every right answer comes first: 1.0, 100.0, 0.0 of
what is better the lower, or, where that depends on how many right answers there are, a function of
``hits.right``, (Q,) int64 -> (Q,) float64; ``USES``, which is ``"best"`` where only the best-placed
right answers count, ``"all"`` where the places of all do, and ``"distances"`` where those of codes
of bits do; a worked example in the docstring of ``measure``. It may have ``LOWER_IS_BETTER``, a
frozenset of the names, further ones too, whose lower values are the better: of all others the
higher are; ``Options``, by which further names may follow; ``SUMMARY``: name -> the function of the
(Q,) values that stands in the place of their mean; and ``RESAMPLED``: name -> a function that has
the same of many resamples faster (``evaluate.statistics.special``). The points of a curve are
called ``CURVE_NUMBER``: they stand under the table, a row a point (``evaluate.table``).
"""
