"""What a person reads: the lines of a command, its bar, its help, its errors."""
