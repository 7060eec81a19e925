"""What is in a work folder: its caches and runs, looked into, and what may be removed."""
