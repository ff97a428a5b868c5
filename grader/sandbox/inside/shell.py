"""The IPython shell that runs a submission's cells: outputs are caught, and a line that fails costs what needs it.

In Jupyter a cell stops at its first error. Here it goes on below a statement that fails for want of something that the
learner had, such as a library, a file, a network or somebody to answer; and in a cell that sets the notebook up, below
whatever fails. So one missing import does not cost the names that the lines below it define.
"""

import ast
import errno
import linecache
import subprocess
import sys
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from IPython.core.autocall import ExitAutocall
from IPython.core.error import StdinNotImplementedError, UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.external.pickleshare import PickleShareDB
from traitlets import Type

from grader.judging.observe import TimeUp, error_message
from grader.judging.run_record import FailedStatement
from grader.notebooks.bound_names import bound_names
from grader.notebooks.cells import asked_tasks
from grader.sandbox.inside.output_capture import Hook, OutputLimit, Outputs, Publisher
from grader.sandbox.protocol import MOST_FAILED

_SURROUNDINGS = (ImportError, OSError, EOFError, StdinNotImplementedError, UsageError)
_MOST_STATEMENT = 2_000


class Exit(ExitAutocall):
    """`exit` and `quit`, which end the kernel in Jupyter."""

    def __call__(self, *_: Any, **__: Any) -> None:
        """Say that the notebook goes on here."""
        print("(In Jupyter this ends the kernel. Here the next cells are run.)")


class Shell(InteractiveShell):
    """An IPython shell without a history database, whose outputs are caught."""

    display_pub_class = Type(Publisher)
    displayhook_class = Type(Hook)
    outputs: Outputs

    def __init__(self, **settings: Any) -> None:
        self.tasks: Collection[str] = ()
        self.failed: list[FailedStatement] = []  # of the cell that runs: below them it went on
        self._lost: set[str] = set()  # names that such statements were to give
        super().__init__(exiter=Exit(), **settings)

    @property
    def db(self) -> Any:
        """What magics such as `%cd` note for another session: among the notebook's own temporary files."""
        if self._db is None:
            self._db = PickleShareDB(Path(tempfile.gettempdir()) / "ipython")
        return self._db

    @db.setter
    def db(self, kept: Any) -> None:
        self._db = kept

    def enable_gui(self, gui: Any = None) -> None:
        """There is no window system to serve."""

    def system(self, cmd: str) -> None:
        """`!command`, through a pipe: behind the walls there is no terminal, on which IPython's own would run it."""
        command = self.var_expand(cmd, depth=1)
        with subprocess.Popen(
            command, shell=True, encoding="utf-8", errors="replace",
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        ) as process:  # fmt: skip
            try:
                for line in process.stdout or ():
                    sys.stdout.write(line)
            except BaseException:
                process.kill()
                raise
        self.user_ns["_exit_code"] = process.returncode

    async def run_ast_nodes(
        self, nodelist: list[ast.stmt], cell_name: str, interactivity: str = "last_expr", compiler: Any = compile,
        result: Any = None,
    ) -> bool:  # fmt: skip
        """Run a cell's statements, each once, as IPython does; go on below one that may fail. True where any failed."""
        kept: BaseException | None = None
        for place, node in enumerate(nodelist):
            shown = interactivity if interactivity == "all" or place == len(nodelist) - 1 else "none"
            if not await super().run_ast_nodes([node], cell_name, shown, compiler, result):
                continue
            error = result.error_before_exec or result.error_in_exec
            if not self._may_fail(nodelist, node, error):
                return True
            self._lost |= bound_names(node)
            self.failed.append(
                FailedStatement(_text(node, cell_name), type(error).__name__[:100], error_message(error))
            )
            kept, result.error_before_exec, result.error_in_exec = error, None, None
        result.error_in_exec = result.error_in_exec or kept
        return kept is not None

    def _may_fail(self, cell: Sequence[ast.stmt], failed: ast.stmt, error: BaseException | None) -> bool:
        """Whether a cell goes on below a statement that failed."""
        if not isinstance(error, Exception) or bound_of(error) or len(self.failed) >= MOST_FAILED:
            return False
        if _is_cell_magic(failed):  # it runs its cell as one
            return False
        is_lost = isinstance(error, NameError) and error.name in self._lost
        if isinstance(error, _SURROUNDINGS) or is_lost:
            return True
        return self._sets_up(cell) and not isinstance(failed, ast.Raise)  # who raises means to stop

    def _sets_up(self, cell: Sequence[ast.stmt]) -> bool:
        """Whether a cell makes the Lab, or imports something and answers no task."""
        if any(_makes_lab(statement) for statement in cell):
            return True
        named = {name for statement in cell for name in (*bound_names(statement), *asked_tasks(statement))}
        return named.isdisjoint(self.tasks) and any(isinstance(s, ast.Import | ast.ImportFrom) for s in cell)

    def _showtraceback(self, etype: Any, evalue: Any, stb: list[str]) -> None:
        if isinstance(evalue, TimeUp | OutputLimit):  # ours: our own frames would only confuse
            stb = [str(evalue)]
        self.outputs.error(getattr(etype, "__name__", str(etype)), str(evalue), stb)


def bound_of(error: BaseException | None) -> str:
    """Which bound an error comes from, in the words of `Limits.reached`; "" for every other error."""
    if isinstance(error, OSError):
        return {errno.EFBIG: "file", errno.ENOSPC: "disk", errno.EAGAIN: "processes"}.get(error.errno or 0, "")
    if isinstance(error, RuntimeError) and "new thread" in str(error):
        return "processes"
    bounds = {TimeUp: "cell seconds", OutputLimit: "output", MemoryError: "memory"}
    return next((name for kind, name in bounds.items() if isinstance(error, kind)), "")


def _makes_lab(statement: ast.stmt) -> bool:
    """`lab = Lab("…")`, whatever the names of the lab and of the module."""
    made = statement.value if isinstance(statement, ast.Assign | ast.Expr) else None
    called = made.func if isinstance(made, ast.Call) else None
    return getattr(called, "id", getattr(called, "attr", "")) == "Lab"


def _is_cell_magic(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(ast.Call(ast.Attribute(attr="run_cell_magic"))):
            return True
    return False


def _text(statement: ast.stmt, cell_name: str) -> str:
    """A statement as it is in its cell."""
    match statement:
        case ast.Expr(
            ast.Call(ast.Attribute(attr="run_line_magic"), [ast.Constant(str(magic)), ast.Constant(str(line))])
        ):
            return f"%{magic} {line}".rstrip()[:_MOST_STATEMENT]
    text = ast.get_source_segment("".join(linecache.getlines(cell_name)), statement) or ""
    return text[:_MOST_STATEMENT]
