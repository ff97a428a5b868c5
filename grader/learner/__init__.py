"""What a learner's notebook talks to: checks, cards, progress, and handing in."""
