"""The two sides of a joint embedding: ``image/`` and ``text/`` hold one file an encoder."""
