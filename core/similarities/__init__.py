"""How alike images and captions are, as matrices in files: ours, and those of other systems."""
