"""Corpora on disk: one file a format; its name is the value of ``--format``.

A format is a module with ``NEEDS`` (what must be there, a phrase), ``recognises(path)`` (cheap:
names of files only), ``read(path)``, which gives a ``Corpus`` or raises ``InputError``, and
``EXAMPLE``, a smallest corpus of the format that no other format recognises: file names below the
folder and their texts; in the place of a text the members of a tar (a mapping) or the rows of a
Parquet table (a list). It holds three pictures, a.jpg, b.jpg and c.jpg (empty texts), where the
format has its pictures, and tells something of each, where the format tells anything. The contract
of the formats is held with it.
"""

from core.corpora._formats import Format, Recognised, explain, formats, read_corpus

__all__ = ["Format", "Recognised", "explain", "formats", "read_corpus"]
