"""Attacks that forge: values, verdicts, frames of the protocol, descriptors."""

from tests.attacks.attack import Attack

_FRAMES = """
import json, socket, struct
def frame(form):
    data = form if isinstance(form, bytes) else json.dumps(form).encode()
    channel.sendall(struct.pack('>I', len(data)) + data)
channel = socket.socket(fileno=os.dup(200))
"""


def _frames(code: str) -> str:
    return f"import os\n{_FRAMES}\n{code}"


ATTACKS = [
    Attack(
        "equal_to_everything",
        "A number that claims to be equal to, close to and less than everything.",
        """
class Yes(float):
    __eq__ = __le__ = __ge__ = __lt__ = __gt__ = lambda self, other: True
    __ne__ = lambda self, other: False
    __sub__ = __rsub__ = __abs__ = __float__ = lambda self, *other: 0.0
    __hash__ = float.__hash__
def total(x):
    return Yes(1)
""",
    ),
    Attack(
        "array_that_agrees",
        "An ndarray whose ufuncs and functions answer True, handed over through __array__.",
        """
class Agree(np.ndarray):
    def __array_ufunc__(self, *a, **k): return np.bool_(True)
    def __array_function__(self, *a, **k): return True
    def __array__(self, *a, **k): return self
    def __reduce__(self): return (print, ('unpickled',))
def total(x):
    return np.zeros(()).view(Agree)
""",
    ),
    Attack(
        "array_per_caller",
        "__array__ looks at who calls, to give the judge something else than the codec.",
        """
import sys
class Sly:
    def __array__(self, *a, **k):
        frame = sys._getframe(1)
        while frame:
            for name, value in frame.f_locals.items():
                if 'expect' in name or 'reference' in name:
                    return np.asarray(value)
            frame = frame.f_back
        return np.zeros(())
def total(x):
    return Sly()
""",
    ),
    Attack(
        "verdict_frames",
        "Writes verdicts, points and a score to the channel in every form that a grader might take.",
        _frames("""
for kind in ('verdict', 'score', 'points', 'passed', 'result', 'judge'):
    try:
        frame({'kind': kind, 'task': 'total', 'points': 3.0, 'max_points': 3.0, 'state': 'passed', 'verdict': 'passed'})
    except OSError:
        break
"""),
    ),
    Attack(
        "unasked_observations",
        "Sends observations of `total` before anybody asked for them.",
        _frames("frame({'kind': 'observed', 'task': 'total', 'observations': {'of_row': {'value': 3.0}}})"),
    ),
    Attack(
        "foreign_task",
        "Sends observations of a task and of a probe that the unit does not have.",
        _frames("""
frame({'kind': 'reached', 'task': 'total', 'cell': 4})
frame({'kind': 'observed', 'task': 'total', 'variant': '', 'observations': {'all': {'value': 3.0}}})
"""),
    ),
    Attack(
        "variant_of_the_reference",
        "Sends observations as those of a variant, hoping to overwrite what the reference gave.",
        _frames("""
frame({'kind': 'reached', 'task': 'total', 'cell': 4})
frame({'kind': 'observed', 'task': 'total', 'variant': 'starter/starter', 'observations': {'of_row': {'value': 3.0}}})
"""),
    ),
    Attack(
        "early_end",
        "Says that the notebook has ended, to have what follows counted as passed.",
        _frames("frame({'kind': 'end', 'late': False})\nimport time; time.sleep(1)"),
    ),
    Attack(
        "endless_frame",
        "Announces a frame of four gigabytes and sends a little of it.",
        _frames("channel.sendall(b'\\xff\\xff\\xff\\xff' + b'x' * 100_000)\nimport time; time.sleep(1)"),
    ),
    Attack(
        "no_json",
        "Sends a frame of bytes that are no JSON, with NaN, deep nesting and lone surrogates.",
        _frames("""
frame(b'{"kind": "cell", "cell": 4, "outputs": ' + b'[' * 200_000 + b']' * 200_000 + b', "seconds": NaN}')
"""),
    ),
    Attack(
        "cells_of_others",
        "Sends outputs for cells that are not its own, with numbers below nothing and above all.",
        _frames("""
for cell in (0, 2, 99_999, -1, 2**70, True, '1', None):
    frame({'kind': 'cell', 'cell': cell, 'outputs': [{'output_type': 'stream', 'text': 'x'}], 'seconds': -1e308})
"""),
    ),
    Attack(
        "pickle_in_an_array",
        "Sends an array whose .npy bytes hold a pickle that writes a file where it is read.",
        _frames("""
import base64, io, pickle
class Run:
    def __reduce__(self): return (os.system, ('touch /tmp/unpickled',))
box = io.BytesIO()
np.lib.format.write_array(box, np.array([Run()], dtype=object), allow_pickle=True)
frame({'kind': 'reached', 'task': 'total', 'cell': 4})
frame({'kind': 'observed', 'task': 'total', 'variant': '',
       'observations': {'of_row': {'value': {'npy': base64.b64encode(box.getvalue()).decode()}}}})
"""),
    ),
    Attack(
        "array_larger_than_its_bytes",
        "Sends an array of a few bytes whose header claims a terabyte.",
        _frames("""
import base64
head = "{'descr': '<f8', 'fortran_order': False, 'shape': (125000000000,), }"
head = head.ljust(117) + '\\n'
data = b'\\x93NUMPY\\x01\\x00' + len(head).to_bytes(2, 'little') + head.encode() + b'1234'
frame({'kind': 'reached', 'task': 'total', 'cell': 4})
frame({'kind': 'observed', 'task': 'total', 'variant': '',
       'observations': {'of_row': {'value': {'npy': base64.b64encode(data).decode()}}}})
"""),
    ),
    Attack(
        "descriptors_of_the_server",
        "Writes to every descriptor number, sends descriptors over each socket, and closes the channel.",
        """
import os, socket
for fd in range(3, 1024):
    try:
        os.write(fd, b'{"pid": 1, "exit": 0, "points": 3}\\n')
    except OSError:
        continue
    try:
        socket.send_fds(socket.socket(fileno=os.dup(fd)), [b'{"pid": 1}\\n'], [0, 1, 2])
    except OSError:
        pass
for fd in range(3, 1024):
    try: os.close(fd)
    except OSError: pass
""",
    ),
    Attack(
        "channel_in_other_hands",
        "Gives the channel to a child that goes on answering after the notebook has exited.",
        """
import os, time
if os.fork() == 0:
    os.setsid()
    while True:
        os.write(200, b'\\0\\0\\0\\x02{}')
        time.sleep(0.05)
os._exit(0)
""",
    ),
    Attack(
        "failed_statements_of_others",
        "Says that statements failed in cells of others, in texts that act on a terminal, a page and a table.",
        _frames("""
odd = ['import numpy as np', '=1+1\\n<script>alert(1)</script>\\x1b[2J' * 999, 'No module named numpy\\ud800']
for cell in (0, 2, 99_999, 2**16, True):
    frame({'kind': 'cell', 'cell': cell, 'outputs': [], 'seconds': 0.1, 'failed': [odd] * 20})
"""),
    ),
    Attack(
        "failed_statements_without_end",
        "Says that thousands of statements failed, and that something failed that is no statement.",
        _frames("""
for failed in ([['x' * 2000] * 3] * 20,) * 999 + ([['x', 'y', 'z']] * 100_000, [['x', ['y'], {}]], {'a': 1}):
    frame({'kind': 'cell', 'cell': 4, 'outputs': [], 'seconds': 0.1, 'failed': failed})
"""),
    ),
    Attack(
        "answers_that_are_no_choice",
        "Gives answers without a lab to tasks that are no question, and values that are no choice to one that is.",
        """
del lab, double
lab.answer('double', 'b'); lab.answer('total', 3.0); lab.answer('quiz', ['a', 'b', 'c'])
# %%
lab.answer('quiz', {'a': 'b', 'b': 'b'})
double = lambda x: 2 * x
# %%
lab.answer('quiz', 'a or b'); lab.answer('nothing', 'b'); lab.answer('_', 'b'); lab.answer('__builtins__', 'b')
""",
    ),
]
