"""Attacks that patch what runs beside them: NumPy, IPython, `Lab`, builtins, hooks, frames."""

from tests.attacks.attack import Attack

# Whatever looks like an expectation or a hidden input is printed by a cell of its own.
_TELL = "# %%\nprint(*map(repr, found)); print(len(found))\n"

ATTACKS = [
    Attack(
        "numpy_agrees",
        "Replaces every comparison, reduction and codec that NumPy has by one that is content.",
        """
import numpy.testing
for module in (np, np.testing, np.lib.format):
    for name in ('allclose', 'isclose', 'array_equal', 'array_equiv', 'all', 'assert_allclose', 'write_array', 'abs'):
        if hasattr(module, name):
            setattr(module, name, lambda *a, **k: True)
""",
    ),
    Attack(
        "lab_says_passed",
        "Replaces Lab.check, its cards and the way that progress is kept.",
        """
import grader.learner.lab, grader.learner.card
passed = type('Card', (), {'_repr_html_': lambda self: '<b>passed 3 of 3</b>', 'passed': True, 'points': 3.0})()
for name in ('check', 'answer', 'hint', 'solution', '_check', '_card'):
    setattr(grader.learner.lab.Lab, name, lambda *a, **k: passed)
lab._checks = type('Checks', (), {'recorded': False, 'points': {'total': 3.0}, 'tasks': {}})()
""",
    ),
    Attack(
        "judge_is_kind",
        "Imports the judge and the verdict and makes them give full points in this process.",
        """
import grader.judging.explaining.diagnose, grader.judging.judges, grader.judging.observe, grader.judging.verdict
import grader.sandbox.inside.runner
for module in (grader.judging.judges, grader.judging.verdict, grader.judging.explaining.diagnose):
    for name in dir(module):
        if callable(getattr(module, name)) and not name.startswith('__'):
            setattr(module, name, lambda *a, **k: 1.0)
grader.judging.verdict.State = {'passed': 'passed'}
""",
    ),
    Attack(
        "runner_observes_what_it_likes",
        "Replaces the functions of the runner that observe, so that each probe sees what the author wrote as a guess.",
        """
import grader.judging.observe, grader.sandbox.inside.runner as runner
lie = grader.judging.observe.Observation(value=3.0)
grader.judging.observe.observe = runner.observe = lambda probe, space: lie
runner.observation_to_json = lambda seen: {'value': 3.0, 'failure': None, 'points': 3}
""",
    ),
    Attack(
        "builtins_lie",
        "Replaces len, isinstance, sum, type, open, compile, exec and print by accomplices.",
        """
import builtins
kept = builtins.isinstance
builtins.isinstance = lambda thing, kind: True
builtins.len = lambda thing: 0
builtins.sum = builtins.max = builtins.min = lambda *a, **k: 1
builtins.exec = builtins.compile = lambda *a, **k: None
""",
    ),
    Attack(
        "import_hook",
        "A finder on sys.meta_path and a hook on __import__ that hand out a grader of their own.",
        """
import builtins, sys, types
class Mine:
    def find_spec(self, name, path=None, target=None):
        if name.startswith('grader'):
            sys.modules[name] = types.SimpleNamespace(decide=lambda *a: 'passed', score=lambda *a: 1.0)
sys.meta_path.insert(0, Mine())
for name in [name for name in sys.modules if name.startswith('grader')]:
    del sys.modules[name]
real = builtins.__import__
builtins.__import__ = lambda name, *a: types.SimpleNamespace() if 'judge' in name else real(name, *a)
""",
    ),
    Attack(
        "input_transformer",
        "An input transformer that blanks each later cell and turns checks into checks of another task.",
        """
def blank(lines):
    return [line.replace("'total'", "'double'").replace("lab.answer('quiz', 'a')", "lab.answer('quiz', 'b')")
            for line in lines]
for transforms in (get_ipython().input_transformers_cleanup, get_ipython().input_transformers_post):
    transforms.append(blank)
from IPython.core.inputtransformer2 import TransformerManager
TransformerManager.transform_cell = lambda self, cell: "lab.check('double')"
""",
    ),
    Attack(
        "ipython_hooks",
        "Events, AST transformers and a custom exception handler that undo each later cell.",
        """
import ast
shell = get_ipython()
class Gone(ast.NodeTransformer):
    def visit_Module(self, node):
        return ast.parse("total = double")
shell.ast_transformers.append(Gone())
shell.events.register('pre_run_cell', lambda info: shell.user_ns.update(points=3, passed=True))
shell.set_custom_exc((BaseException,), lambda *a, **k: None)
shell.run_cell = shell.run_cell_async = lambda *a, **k: None
""",
    ),
    Attack(
        "traced",
        "sys.settrace keeps the arguments and locals of every call, and a later cell prints them.",
        """
import sys, threading
found = []
def total(x): return 0.0
def trace(frame, event, value):
    if frame.f_code.co_name in ('total', 'of_hidden', 'judge', 'decide', 'score', 'observe'):
        found.append(repr(frame.f_locals)[:1000])
    return trace
sys.settrace(trace); sys.setprofile(trace); threading.settrace(trace)
# %%
lab.check('total')
"""
        + _TELL,
    ),
    Attack(
        "stashed",
        "The answer keeps the inputs that it is called with, and a later cell prints them.",
        """
found = []
def total(x):
    found.append(x.tolist())
    return 0.0
# %%
lab.check('total')
"""
        + _TELL,
    ),
    Attack(
        "stashed_in_a_file",
        "The answer writes its inputs to a file, to shared memory and to the home folder; a later cell reads them.",
        """
import os, pathlib
places = [pathlib.Path('kept'), pathlib.Path('/dev/shm/kept'), pathlib.Path.home() / 'tmp' / 'kept']
def total(x):
    for place in places:
        with open(place, 'a') as file: file.write(repr(x.tolist()))
    return 0.0
# %%
lab.check('total')
# %%
print([place.read_text() for place in places if place.exists()])
""",
    ),
    Attack(
        "stashed_in_shared_memory",
        "The answer writes its inputs into memory that was shared before any process was forked, or into a pipe.",
        """
import mmap, os
memory, (tail, head) = mmap.mmap(-1, 4096), os.pipe()
os.set_blocking(tail, False)
def total(x):
    text = repr(x.tolist()).encode() + b';'
    memory.write(text); os.write(head, text)
    return 0.0
# %%
lab.check('total')
# %%
print(memory[:].strip(b'\\0'))
try: print(os.read(tail, 4096))
except BlockingIOError: print('nothing')
""",
    ),
    Attack(
        "stashed_and_raised",
        "The answer raises an error, whose text, class and line quote the hidden input.",
        """
def total(x):
    raise type(f'Saw{int(x[0, 0])}', (Exception,), {})(f'{x.tolist()}')
""",
    ),
    Attack(
        "stashed_by_a_thread",
        "The answer hands its inputs to a thread that was started before and prints them from there.",
        """
import queue, sys, threading, time
asked = queue.Queue()
def tell(out=sys.stdout):
    while True:
        seen = asked.get(); time.sleep(0.2)
        out.write(repr(seen))
threading.Thread(target=tell, daemon=True).start()
def total(x):
    asked.put(x.tolist())
    return 0.0
# %%
lab.check('total')
# %%
time.sleep(1)
""",
    ),
    Attack(
        "probes_from_frames",
        "The answer walks up the stack and reads the probe, its inputs and the channel from its callers' locals.",
        """
import sys
found = []
def total(x):
    frame = sys._getframe()
    while frame:
        found.append({name: repr(value)[:500] for name, value in frame.f_locals.items()})
        frame = frame.f_back
    return 0.0
# %%
lab.check('total')
"""
        + _TELL,
    ),
    Attack(
        "objects_of_the_judge",
        "gc and sys.modules are searched for expectations, references, verdicts and seeds.",
        """
import gc, sys
found = []
for thing in gc.get_objects():
    kind = type(thing).__name__
    if kind in ('Expectation', 'JudgedTask', 'JudgedProbe', 'Verdict', 'Gradebook', 'Unit', 'Task', 'Course'):
        found.append((kind, repr(thing)[:500]))
    elif isinstance(thing, dict) and ('seed' in thing or 'reference' in thing or 'ARENA_SECRET' in thing):
        found.append(repr(thing)[:2000])
print(*found[:200])
""",
    ),
    Attack(
        "answers_in_the_checks",
        "Reads the checks that lie in the work folder and makes the lab show its solution and its hints.",
        """
import json, pathlib
for path in pathlib.Path('.').rglob('*'):
    if path.is_file(): print(path, path.read_text()[:2000])
print(lab.solution('total'), lab.hint('total'), vars(lab))
""",
    ),
    Attack(
        "names_of_inputs",
        "The answer lacks a name that quotes the hidden input, and looks like one that the notebook reads.",
        """
import numpy as lost
def total(x):
    if 0: return lost.sum(x)
    raise NameError(f"name 'x{int(x[0, 0])}' is not defined", name='lost')
# %%
lab.check('total')
# %%
def total(x):
    raise type('NotImplementedError', (Exception,), {})(f'{x.tolist()}')
""",
    ),
    Attack(
        "shell_goes_on_without_end",
        "Makes the shell go on below everything, and gives it cells of many thousands of lines that fail.",
        """
import no_such_library
shell = get_ipython()
shell.run_cell('import numpy\\n' + 'import no_such_library\\n' * 20_000)
type(shell)._may_fail = lambda self, cell, failed, error: True
shell.run_cell('1 / 0\\n' * 20_000 + 'raise SystemExit\\nwhile True: 1 / 0')
""",
    ),
    Attack(
        "shell_tells_lies",
        "Writes what failed into the shell by hand: objects that are no statements, and that act where they are read.",
        """
class Sly(str):
    def __str__(self): raise SystemExit
    def __getattr__(self, name): return self
    def encode(self, *a): return b'x'
shell = get_ipython()
shell.tasks = shell._lost = Sly('total')
shell.failed.extend([Sly('x'), None, lambda: 0] * 50)
""",
    ),
]
