"""Text encoders, one file each: padded tokens (B, T) int64 and lengths (B,) -> (B, D) float32.

A file has ``Options`` and ``build(options, words=, dim=)``. What stands behind a caption's
length changes nothing.
"""
