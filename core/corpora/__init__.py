"""Corpora on disk: one file a format; its name is the value of ``--format``.

A format is a module with

- ``NEEDS``: what must be there, a phrase of one line. The help lists it, and a refusal of what is
  no such corpus names the path and holds it (``core.corpora._places.unfit``);
- ``ENDINGS``, where files tell of the pictures: what these end in, a literal such as ``(".csv",)``.
  By it a folder with such a table is not taken for a plain folder of pictures, and a table of
  somebody's that fits no format is named;
- ``recognises(path)``: whether a folder or a file looks like it. Cheap: names of files only; False
  for what is not there, an error for nothing;
- ``read(path)``: ``Corpus.build(name, images, captions, notes, left_out)``, or an ``InputError``:
  one line with the file, the row and the way out. ``images`` are ``core.records.Image``, whose ids
  are paths below the folder of the pictures; ``captions`` are pairs
  ``(image id, Caption(id, text))`` in the order of reading, each of a picture among ``images``;
  ``notes`` are sentences that count what was left out, and ``left_out`` names each of these. A
  picture's file need not exist;
- ``EXAMPLE``: a smallest corpus of the format that no other format recognises: file names below the
  folder and their texts; in the place of a text the members of a tar (a mapping), the rows of a
  Parquet table (a list of mappings) or of a matrix (``.npy``, a list of lists). It holds three
  pictures, a.jpg, b.jpg and c.jpg (empty texts; ids of vectors end so), and tells something of
  each, a caption or a label, where the format tells anything.

A library that need not be there is imported inside of ``read``, by the one file of core that owns
it (``core/parquet.py``). Where it is missing, that is no reason to call the folder unfit: the
``InputError`` names the file and the library, and what to type (``make setup EXTRAS=1``); to list
and to recognise formats takes none. The contract of the formats
(``tests/contract/test_corpora_contract.py``) is held with ``EXAMPLE``.
"""

from core.corpora._captions_alone import read_captions
from core.corpora._formats import Format, Recognised, explain, formats, read_corpus

__all__ = ["Format", "Recognised", "explain", "formats", "read_captions", "read_corpus"]
