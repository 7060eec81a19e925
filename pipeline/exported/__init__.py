"""Vectors for other programs: tables of them, and what these must know to ask them."""
