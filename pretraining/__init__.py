"""What makes the weights that ship with labkit. Not in the wheel: no learner needs it."""
