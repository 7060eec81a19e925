"""Pictures for people: each drawn from numbers that programs read elsewhere."""
