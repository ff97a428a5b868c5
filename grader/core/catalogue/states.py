"""The words for the states of a task, and those of a card around what is said of it."""

STATES = {
    "state.passed": "passed",
    "state.failed": "failed",
    "state.not_attempted": "not attempted",
    "state.ungraded": "could not be graded",
    "state.waiting": "waiting to be marked",
    "state.partly": "partly right",
    "state.public_passed": "public checks passed",
    "state.public_failed": "not right yet",
    #
    "card.hint": '`lab.hint("{task}")` gives a hint.',
    "card.answer": "Write your answer in the cell above, run it, then run this cell again.",
}
