"""``map``: the original and the learned space of a run beside one another, coloured by class."""
