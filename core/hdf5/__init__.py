"""HDF5: what is new is laid out in memory, of a file it says where its objects are.

It never opens a name, so that a kill or a full disk cannot leave a half-written file, nor crash the
library at exit.
"""
