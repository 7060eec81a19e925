"""What is read in a browser, tested in one: ``make browser``."""
