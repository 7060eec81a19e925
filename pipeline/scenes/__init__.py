"""The generated corpus: pictures of simple scenes, each with five true sentences."""
