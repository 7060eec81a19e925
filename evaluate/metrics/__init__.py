"""One file a measure: a pure function of where the right answers stand, one value a query."""
