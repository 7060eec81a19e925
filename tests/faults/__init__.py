"""Faults of the disk, one at a time: ``python -m tests.faults``."""
