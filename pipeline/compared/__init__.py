"""Runs compared: which differences are real, on which pictures, between which settings."""
