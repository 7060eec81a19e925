"""What outlives a command, or is read once in it."""
