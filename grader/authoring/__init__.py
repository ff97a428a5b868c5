"""What an author does with a unit: run its reference, build its notebooks, prove it."""
