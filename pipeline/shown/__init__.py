"""Pages for people: one file each, without a network and without a script."""
