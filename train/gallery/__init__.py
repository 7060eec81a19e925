"""The gallery's bias: what training queries like too much is pushed down, by how much they do."""
