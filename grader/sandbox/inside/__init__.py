"""What runs behind the walls: the fork server, and in its children a learner's code."""
