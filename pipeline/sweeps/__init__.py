"""A sweep: many trainings of one corpus, compared by their validation."""
