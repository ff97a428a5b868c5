"""What is said of a notebook's text: why a name is not defined, why an answer was not read, what failed on the way."""

NAMES = {
    "name.not_run": "`{name}` is not defined: cell {cell}, which defines it, was not run.",
    "name.below": "`{name}` is not defined: only cell {cell}, further down, defines it.",
    "name.other": "`{name}` is not defined: cell {cell} defines `{other}` instead.",
    "name.nowhere": "`{name}` is not defined: no cell of this notebook defines it.",
    "name.nowhere_now": (
        "`{name}` is not defined: no cell of this notebook defines it; as it was handed out, cell {cell} does."
    ),
    "name.gone": (
        "`{name}` is not defined: cell {cell} defined it, and it is gone: does a cell delete it (`del`, `%reset`)?"
    ),
    "name.before_limit": (
        "`{name}` is not defined: cell {cell}, which defines it, stopped before that line (at a limit)."
    ),
    "name.before_error": (
        "`{name}` is not defined: cell {cell}, which defines it, stopped before that line ({error})."
    ),
    "name.before_other_error": (
        "`{name}` is not defined: cell {cell}, which defines it, stopped before that line (an error)."
    ),
    "name.line_failed": "`{name}` is not defined: `{line}` in cell {cell} failed ({error}).",
    "name.line_failed_otherwise": "`{name}` is not defined: `{line}` in cell {cell} failed (an error).",
    "name.line_needs": "`{name}` is not defined: `{line}` in cell {cell} failed, because it needs `{other}`.",
    "name.a_line_failed": "`{name}` is not defined: a line in cell {cell} failed ({error}).",
    "name.a_line_failed_otherwise": "`{name}` is not defined: a line in cell {cell} failed (an error).",
    "name.a_line_needs": "`{name}` is not defined: a line in cell {cell} failed, because it needs `{other}`.",
    "name.commented_out": "`{name}` is not defined: its definition in cell {cell} is commented out.",
    # A cell that would define a name, and is not read as Python that is run.
    "name.text_cell": (
        "`{name}` is not defined: cell {cell}, which would define it, is a text cell; make it a code cell."
    ),
    "name.raw_cell": (
        "`{name}` is not defined: cell {cell}, which would define it, is a raw cell; make it a code cell."
    ),
    "name.cell_not_run": "`{name}` is not defined: cell {cell}, which would define it, was not run.",
    "name.magic": (
        "`{name}` is not defined: cell {cell}, which would define it, begins with `{magic}`, which does not run it as "
        "part of this notebook."
    ),
    "name.timeit": (
        "`{name}` is not defined: cell {cell}, which would define it, begins with `%%timeit`, which keeps nothing that "
        "it defines."
    ),
    "name.conflict": (
        "`{name}` is not defined: cell {cell}, which would define it, holds the marks of a merge conflict (`{mark}`)."
    ),
    "name.late_magic": (
        "`{name}` is not defined: cell {cell}, which would define it, has `{magic}` below its first line."
    ),
    "name.syntax": (
        "`{name}` is not defined: cell {cell}, which would define it, has a syntax error in line {line}: {problem}"
    ),
    "name.no_python": "`{name}` is not defined: cell {cell}, which would define it, cannot be read as Python.",
    # The same of a cell that would answer a question.
    "unread.text_cell": "Your answer in cell {cell} was not read: the cell is a text cell; make it a code cell.",
    "unread.raw_cell": "Your answer in cell {cell} was not read: the cell is a raw cell; make it a code cell.",
    "unread.cell_not_run": "Your answer in cell {cell} was not read: the cell was not run.",
    "unread.magic": (
        "Your answer in cell {cell} was not read: the cell begins with `{magic}`, which does not run it as part of "
        "this notebook."
    ),
    "unread.timeit": (
        "Your answer in cell {cell} was not read: the cell begins with `%%timeit`, which keeps nothing that it defines."
    ),
    "unread.conflict": (
        "Your answer in cell {cell} was not read: the cell holds the marks of a merge conflict (`{mark}`)."
    ),
    "unread.late_magic": "Your answer in cell {cell} was not read: the cell has `{magic}` below its first line.",
    "unread.syntax": ("Your answer in cell {cell} was not read: the cell has a syntax error in line {line}: {problem}"),
    "unread.no_python": "Your answer in cell {cell} was not read: the cell cannot be read as Python.",
    "unread.commented_out": "Your answer in cell {cell} is commented out.",
    "unread.unquoted_name": 'In cell {cell} the name of the question belongs in quotes: `lab.answer("{task}", "a")`.',
    "unread.unquoted_letter": 'In cell {cell} the letter belongs in quotes, as in `lab.answer("{task}", "a")`.',
    "unread.other": (
        'Cell {cell} gives no answer that can be read: write `lab.answer("{task}", "a")` with your own letter.'
    ),
    # On the way.
    "failed.line": "Cell {cell}: `{line}` failed. {error}",
    "failed.a_line": "Cell {cell}: a line failed. {error}",
    "failed.more": "So did {count:,} more.",
}
