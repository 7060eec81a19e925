"""One file a measure: a pure function of where the right answers stand, one value a query.

A file has ``measure(hits, options)``, from ``evaluate.hits.Hits`` to a mapping: name -> (Q,)
float64; ``PERFECT``, each name's value where every right answer comes first (1.0 or 100.0);
``USES``, which is ``"best"`` where only the best-placed right answers count and ``"all"`` where the
places of all do; a worked example in the docstring of ``measure``. It may have ``Options``, and
``SUMMARY``: name -> the function of the (Q,) values that stands in the place of their mean.
"""
