"""A run that is asked about pictures: where its features are, and what they must be."""
