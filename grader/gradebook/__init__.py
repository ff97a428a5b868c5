"""What was handed in, what was expected and every verdict, in a database."""
