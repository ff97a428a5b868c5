"""What a notebook's cells say by their text alone. Nothing runs."""
