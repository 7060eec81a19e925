"""What a command would be refused for, said before hours are spent."""
