"""Grades what was collected: each submission once, on every core."""
