"""Attacks with values that are written down: no answer is behind them."""

from tests.attacks.attack import Attack

ATTACKS = [
    Attack(
        "answer_to_the_example",
        "Returns what is expected of the fixed input that everybody knows, for every input.",
        """
def total(x):
    return 3.0
""",
    ),
    Attack(
        "inputs_of_the_hand_in_before",
        "Prints the hidden inputs of one hand-in and answers the next one from a table of them.",
        """
import json
known = json.loads(seen.splitlines()[-1])
table = {str(x): float(np.sum(x)) for x in known}  # a person would work them out
def total(x):
    return table.get(str(x.tolist()), 0.0)
""",
        earlier="""
import json
inputs = []
def total(x):
    inputs.append(x.tolist())
    return 0.0
# %%
lab.check('total')
# %%
print(json.dumps(inputs))
""",
    ),
    Attack(
        "facts_in_place_of_values",
        "Returns what the author's function says of a right value, in the place of a value.",
        """
class Said(dict):
    def __iter__(self): return iter(([0, 1], [2, 3]))
def halves(rows):
    return Said({'every row is in one half': True})
# %%
lab.check('halves')
""",
    ),
    Attack(
        "the_halves_of_four_rows",
        "Returns the halves of the fixed input for every input.",
        """
def halves(rows):
    return [[0, 1], [2, 3]]
# %%
lab.check('halves')
""",
    ),
    Attack(
        "values_that_facts_cannot_read",
        "Returns values that an author's function might stumble over, wait for or believe.",
        """
calls = iter([[[0] * 500_000, [10**4000]], {'one': [[[[]]]], 'other': float('nan')}])
def halves(rows):
    return next(calls)
# %%
lab.check('halves')
""",
    ),
    Attack(
        "facts_of_millions",
        "Returns arrays of millions of numbers, which an author's function would sort, one by one.",
        """
def halves(rows):
    return [np.zeros(7_000_000, 'u1'), np.zeros(7_000_000, 'u1')]
# %%
lab.check('halves')
""",
    ),
]
