"""Says what is wrong with an answer that no misconception fits: where it parts from the right one, and how."""
