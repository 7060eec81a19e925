"""Checkpoints of other people's programs: read in a process of their own, kept as what they are."""
