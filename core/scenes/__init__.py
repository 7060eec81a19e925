"""The generated corpus: pictures of simple scenes, each with five true sentences."""

from core.scenes.write import FORMAT, LISTING, write_scenes

__all__ = ["FORMAT", "LISTING", "write_scenes"]
