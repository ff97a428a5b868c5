"""Finds what learners handed in, and says what is none."""
