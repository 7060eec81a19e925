"""One file a measure: a pure function of ranks."""
