"""The page of a comparison: what ``compare`` says, as a person looks at it; a file a section."""
