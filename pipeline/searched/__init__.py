"""A run that is searched with: sentences and pictures in, pictures and captions out."""
