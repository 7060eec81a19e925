"""Stage one of captions: a frozen sentence encoder's vectors, in a cache like pictures'.

``spec`` reads what a person names, ``module`` and ``transformers`` open it as a ``TextEncoder``,
``encoding`` holds it to its contract, ``run`` fills the cache.
"""
