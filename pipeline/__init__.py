"""The command line, the recipes, and the wiring of the stages."""
