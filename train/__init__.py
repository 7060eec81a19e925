"""Stage two: cached features and captions to a joint embedding."""
