"""The recipes: one TOML file a published system, its settings and nothing else."""
