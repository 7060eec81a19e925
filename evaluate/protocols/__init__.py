"""One file a protocol: what is asked of a prediction, and how the answers are reported."""
