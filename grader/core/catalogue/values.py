"""What is said of a wrong value: what it tells by itself, and how near a model's predictions are."""

VALUES = {
    "value.wrong": "The value is not the expected one.",
    "value.wrong_hidden": "A value differs on inputs that you have not seen.",
    # Where it parts from the right value: parts of it, steps, rows, and the probes that see it.
    "parts.some": "Wrong: {wrong:code}; right: {right:code}.",
    "parts.few_wrong": "Wrong: {wrong:code}; right: the other {right:,}.",
    "parts.few_right": "Right: {right:code}; wrong: the other {wrong:,}.",
    "parts.first_wrong": "{wrong:,} of {count:,} are wrong, the first of them `{first}`.",
    "parts.from": "It is right up to `{last}` and wrong from `{first}` on.",
    "parts.step": "It is right up to step {last:,} and wrong from step {first:,} on.",
    "parts.first_step": "It is wrong from the first step on.",
    "parts.ends_early": "It is right up to `{last}`, where it ends too early.",
    "parts.goes_on": "It is right up to `{last}`, but goes on behind it.",
    "parts.missing": "Missing: {names:code}.",
    "parts.unasked": "Not asked for: {names:code}.",
    "parts.about": "That is about `{name}`.",
    "probe.says": "{text}",
    "probes.some": "It is right for {right:code}, wrong for {wrong:code}.",
    "probes.hidden": "It is right for all inputs of the public check, wrong for some that only the grader has.",
    "probes.check_tries": '`lab.check("{task}")` tries the same with other inputs.',
    #
    "value.none": "It returns None: is a `return` missing?",
    "value.no_numbers": "It returns a {kind}, but numbers are expected.",
    #
    "shape.transposed": "The result is transposed: rows and columns are exchanged.",
    "shape.other": "The numbers are right, but the shape is wrong.",
    "shape.in_a_tuple": "The value is right, but it comes back inside a tuple: is there a comma behind it?",
    "shape.in_a_list": "The value is right, but it comes back inside a list.",
    "shape.no_number": "One number is expected; an array came back. Which reduction is missing?",
    "shape.wrong": "The shape is wrong.",
    "shape.shapes": "Expected shape {expected}, got shape {observed}.",
    "shape.number_came_back": "Expected shape {expected}, got a single number.",
    "shape.number_is_expected": "Expected a single number, got shape {observed}.",
    #
    "value.nan": "NaN (not a number) comes back for some inputs.",
    "value.infinity": "Infinity comes back for some inputs.",
    "value.nearly": (
        "It is nearly right: was something rounded, or computed in float32, or is a small constant such as an epsilon "
        "another one?"
    ),
    "value.rounded": "It is right, but rounded to {places:,} decimal places.",
    "value.largest_gap": "The largest difference is {gap:.2g}.",
    "value.sign": "The sign is flipped; the rest is right.",
    "value.offset": "It is off by the same constant everywhere.",
    "value.too_little": "{much} too little.",
    "value.too_much": "{much} too much.",
    "value.shifted": "The values are right but shifted by one place.",
    "value.some": "Most of its numbers are right, some are not.",
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
    "factor.input": "It is off by a factor: `{name}` times what is expected.",
    "factor.per_input": "It is off by a factor: 1/`{name}` times what is expected.",
    "factor.input_less_one": "It is off by a factor: `{name}` - 1 times what is expected.",
    "factor.per_input_less_one": "It is off by a factor: 1/(`{name}` - 1) times what is expected.",
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
    "scores.taken_for": "It is most often taken for {other}.",
    "scores.short": "Each class needs {needed:.0%}.",
    "scores.no_logits": "A row of finite logits is expected for each of {rows} inputs.",
    "scores.perplexity": "The perplexity is {reached:.4g}; at most {needed:g} is needed.",
}
