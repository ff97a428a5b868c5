"""What is said of a wrong value: what it tells by itself, and how near a model's predictions are."""

VALUES = {
    "value.wrong": "The value is not the expected one.",
    "value.wrong_hidden": "A value differs on inputs that you have not seen.",
    "value.none": "It returns None: is a `return` missing?",
    "value.no_numbers": "It returns a {kind}, but numbers are expected.",
    #
    "shape.transposed": "The result is transposed: rows and columns are exchanged.",
    "shape.other": "The numbers are right, but the shape is wrong.",
    "shape.no_number": "One number is expected; an array came back. Which reduction is missing?",
    "shape.wrong": "The shape is wrong.",
    "shape.shapes": "Expected shape {expected}, got shape {observed}.",
    "shape.number_came_back": "Expected shape {expected}, got a single number.",
    "shape.number_is_expected": "Expected a single number, got shape {observed}.",
    #
    "value.nan": "NaN (not a number) comes back for some inputs.",
    "value.infinity": "Infinity comes back for some inputs.",
    "value.nearly": "It is nearly right: was something rounded, or computed in a smaller dtype?",
    "value.sign": "The sign is flipped; the rest is right.",
    "value.offset": "It is off by the same constant everywhere.",
    "value.too_little": "{much} too little.",
    "value.too_much": "{much} too much.",
    "value.shifted": "The values are right but shifted by one place.",
    "value.some": "It is right for most inputs, wrong for some.",
    "value.at": "result{place} is {observed}, expected {expected}.",
    "value.at_input": "For {inputs:and}, result{place} is {observed}, expected {expected}.",
    "value.some_at": "{wrong} of {count} values: result{place} is {observed}, expected {expected}.",
    "value.some_at_input": (
        "{wrong} of {count} values: for {inputs:and}, result{place} is {observed}, expected {expected}."
    ),
    #
    "factor.any": "It is off by a constant factor.",
    "factor.each": "Each value is {ratio:.6g} times the expected.",
    "factor.known": "It is off by a constant factor: {factor} times what is expected.",
    "factor.other_base": (
        "It is off by a constant factor: 1/ln 2 (another base of the logarithm) times what is expected."
    ),
    "factor.rows": "It is off by a constant factor: n (the number of rows of {name}) times what is expected.",
    "factor.per_row": "It is off by a constant factor: 1/n (n is the number of rows of {name}) times what is expected.",
    "factor.columns": "It is off by a constant factor: n (the number of columns of {name}) times what is expected.",
    "factor.per_column": (
        "It is off by a constant factor: 1/n (n is the number of columns of {name}) times what is expected."
    ),
    "factor.length": "It is off by a constant factor: n (the length of {name}) times what is expected.",
    "factor.per_length": "It is off by a constant factor: 1/n (n: length of {name}) times what is expected.",
    "factor.size": "It is off by a constant factor: n (the number of all elements of {name}) times what is expected.",
    "factor.per_element": (
        "It is off by a constant factor: 1/n (n is the number of all elements of {name}) times what is expected."
    ),
    #
    "scores.no_rows": "A row of scores is expected for each of {rows} inputs.",
    "scores.not_finite": "NaN (not a number) or infinity comes back for some inputs.",
    "scores.one_number": "One number comes back for each input, but a score for each class is expected.",
    "scores.one_class": "Every input gets the same class.",
    "scores.accuracy": "{reached:.1%} are right; {needed:.0%} are needed.",
    "scores.weakest": "Least often right: {kind}, {share:.0%}.",
    "scores.weakest_short": "Least often right: {kind}, {share:.0%} (each class needs {needed:.0%}).",
    "scores.weakest_taken": "Least often right: {kind}, {share:.0%}, most often taken for {other}.",
    "scores.weakest_short_taken": (
        "Least often right: {kind}, {share:.0%} (each class needs {needed:.0%}), most often taken for {other}."
    ),
    "scores.weakest_number": "Least often right: class {number:g}, {share:.0%}.",
    "scores.weakest_number_short": "Least often right: class {number:g}, {share:.0%} (each class needs {needed:.0%}).",
    "scores.weakest_number_taken": (
        "Least often right: class {number:g}, {share:.0%}, most often taken for class {other:g}."
    ),
    "scores.weakest_number_short_taken": (
        "Least often right: class {number:g}, {share:.0%} (each class needs {needed:.0%}), "
        "most often taken for class {other:g}."
    ),
    "scores.no_logits": "A row of finite logits is expected for each of {rows} inputs.",
    "scores.perplexity": "The perplexity is {reached:.4g}; at most {needed:g} is needed.",
}
