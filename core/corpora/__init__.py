"""Corpora on disk: one file a format; its name is the value of ``--format``.

A format is a module with ``NEEDS`` (what must be there, a phrase), ``recognises(path)`` (cheap:
names of files only), ``read(path)``, which gives a ``Corpus`` or raises ``InputError``, and
``EXAMPLE``, a smallest corpus of the format that no other format recognises: file names below the
folder and their texts. It holds three pictures, a.jpg, b.jpg and c.jpg (empty texts), where the
format has its pictures, and tells something of each. The contract of the formats is held with it.
"""

from core.corpora._formats import Format, formats, read_corpus

__all__ = ["Format", "formats", "read_corpus"]
