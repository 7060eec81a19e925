"""Stage three: embeddings to ranks, measures and a report."""
