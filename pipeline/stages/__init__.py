"""The wiring, one file a stage: each gets the others' results as files, arrays and functions.

A command imports only its own stage, so that none waits for libraries that it does not use.
"""
