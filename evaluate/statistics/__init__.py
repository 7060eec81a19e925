"""How sure a number is, and whether a difference of two is one: from one value a query."""
