"""Measures this grader beside nbgrader and otter on the same learners' code: `make bench`."""
