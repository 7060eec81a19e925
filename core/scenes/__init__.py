"""The generated corpus: pictures of simple scenes, each with five true sentences."""

from core.scenes.write import write_scenes

__all__ = ["write_scenes"]
