"""What is said of an answer: that it is right or missing, how it failed, what an author says of it."""

ANSWERS = {
    # Texts that others wrote: an author, a judge of an author's own, a grader of an earlier version.
    "hint": "{text}",
    "judge": "{text}",
    "text": "{text}",
    #
    "answer.right": "Right.",
    "answer.no_words": (
        "No answer yet. Replace `...` with your answer in quotes; between three quotes it may have several lines."
    ),
    "answer.cut": "Its first {most:,} characters are shown.",
    "answer.waiting": "Your answer is kept. A person marks it.",
    "answer.none": "No answer yet.",
    "answer.not_reached": "This answer was not reached.",
    "answer.as_before": "It still does just what the starter code does.",
    "answer.as_handed_out": "This is still the starter code.",
    "answer.starter_below": "Cell {cell} defines `{task}` as it was handed out, below your answer.",
    "answer.starter_below_cell": (
        "Cell {cell} defines `{task}` as it was handed out, below your answer in cell {own}: delete cell {cell}."
    ),
    "answer.did_not_run": (
        "The name `{name}` is not defined: the cell that defines it did not run, or raised an error."
    ),
    "answer.unwritten": "`{name}` still raises NotImplementedError.",
    "answer.unwritten_in_cell": "`{name}` still raises NotImplementedError: remove that line from cell {cell}.",
    "answer.unwritten_case": "`{name}` still raises NotImplementedError in one case.",
    "answer.needs_first": ("It cannot be judged yet: `{function}`, which it needs, still raises NotImplementedError."),
    #
    "file.missing": "There is no file `{file}` beside this notebook: hand it in with the notebook.",
    "file.model_missing": (
        'There is no file `{file}` beside this notebook: `model.save("{file}")` makes it; hand it in with the notebook.'
    ),
    "file.gone": "The file you handed in is gone: does one of your cells delete it?",
    "file.not_taken": "`{file}` was not included: {why}",
    #
    "choice.wrong": "That is not the answer.",
    "choice.unknown": (
        "There is no choice ({choice}): give one letter in quotes, one of {choices:list}, such as "
        '`lab.answer("{task}", "a")`.'
    ),
    "choice.none": (
        'That is no choice: give one letter in quotes, one of {choices:list}, such as `lab.answer("{task}", "a")`.'
    ),
    "choice.no_letter": 'That is no choice: give one letter in quotes, such as `lab.answer("{task}", "a")`.',
    #
    "failure.undefined_other": "A name that the check needs is not defined: run all cells from the top.",
    "failure.undefined": "The name `{name}` is not defined: run the cell that defines it.",
    "failure.time": "It did not finish in time.",
    "failure.time_in_line": "It did not finish in time (at line {line}).",
    "failure.time_at": "It did not finish in time (at line {line}: {source}).",
    "failure.not_plain": "What came back cannot be judged: {problem}.",
    "failure.not_plain_hidden": "What came back cannot be judged: it holds something other than numbers and texts.",
    "failure.form": "What came back does not have the form that is asked for.",
    "failure.error": "{kind}: {text}",
    "failure.error_at": "{kind}: {text} (line {line}: {source})",
    "failure.error_in_line": "{kind}: {text} (line {line})",
    "failure.raises": "It raises {kind}.",
    "failure.raises_in_line": "It raises {kind} (line {line}).",
    "failure.raises_at": "It raises {kind} (line {line}: {source}).",
    "failure.raises_other": "It raises an error.",
    "failure.raises_other_in_line": "It raises an error (line {line}).",
    "failure.expected": "An error ({kind}) is expected for this input; a value came back.",
    #
    "changed.too_much": (
        "{names:code} changed in place: the caller's array is not yours to change. Work on a new one."
    ),
    "changed.too_little": "`{name}` should be changed in place, but it is unchanged.",
    "changed.too_little_of_several": "{names:code} should be changed in place, but they are unchanged.",
}
