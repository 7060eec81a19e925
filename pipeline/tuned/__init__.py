"""A CNN that is tuned: the run that it begins with, and the backbone that comes of it."""
