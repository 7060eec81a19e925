"""Stage one: pictures to features."""
