"""Points in a plane: samples of a space, and ``map``: what a run reads and what it learned."""
