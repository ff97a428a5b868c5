"""The command line. Thin: each command calls one room."""
