"""The words of everything that is said by a code: a template a code, by subject. A translation is another such table.

A template is a whole sentence or paragraph. What is in the plural, or has a part more, is another template.
"""

from grader.core.catalogue.answers import ANSWERS
from grader.core.catalogue.names import NAMES
from grader.core.catalogue.notebooks import NOTEBOOKS
from grader.core.catalogue.runs import RUNS
from grader.core.catalogue.states import STATES
from grader.core.catalogue.values import VALUES

CATALOGUE: dict[str, str] = {**ANSWERS, **NAMES, **NOTEBOOKS, **RUNS, **STATES, **VALUES}
