"""Indexes of vectors that are too many to be compared with each query, one by one."""
