"""A run that is asked in a browser: a local page, what it asks, and what guards it."""
