"""A unit, read from its one source: its words for tasks, their inputs, and the text that runs elsewhere."""
