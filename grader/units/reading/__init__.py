"""Reads what a source's cells say: questions, answers written as texts, checks; and refuses what is wrong in them."""
