"""What is in a work folder: its caches and runs, read quickly, and what may be removed."""
