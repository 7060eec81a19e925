"""What a person types: on the command line, as variables of make, in a shell."""
