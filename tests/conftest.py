"""Property tests draw the same examples each time, and never fail for being slow."""

from hypothesis import settings

settings.register_profile("tencrop", deadline=None, derandomize=True)
settings.load_profile("tencrop")
