"""Examples: rows of a part of a corpus, joined to their sources and cut into batches."""
