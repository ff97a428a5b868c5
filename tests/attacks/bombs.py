"""Bombs: processes, threads, memory, disk, inodes, descriptors, output, archives, pickles. Never run them elsewhere."""

from tests.attacks.attack import Attack

BRIEF = {"seconds": 4.0}
# Of an attack that leaves no trace: it defines an answer, and so earns points, if it got what it must not get.
SEEN_IF = "if {}:\n    def total(x): return float(np.sum(x))"

ATTACKS = [
    Attack(
        "fork_bomb",
        "Forks without end, each child as well.",
        "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
        BRIEF,
    ),
    Attack(
        "fork_bomb_of_the_shell",
        "The shell's own fork bomb, in a session of its own.",
        "import subprocess\nsubprocess.run(['setsid', 'bash', '-c', 'b() { b | b & }; b; wait'])",
        BRIEF,
    ),
    Attack(
        "thread_bomb",
        "Starts threads without end, none of which ends.",
        """
import threading, time
while True:
    try: threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
    except RuntimeError: time.sleep(0.01)
""",
        BRIEF,
    ),
    Attack(
        "memory_of_one",
        "Takes memory until there is none, and writes to all of it.",
        "kept = []\nwhile True:\n    kept.append(np.ones(2**22))",
        BRIEF,
    ),
    Attack(
        "memory_of_many",
        "Twenty children that each take less than the limit, and together much more.",
        """
import os, time
for _ in range(20):
    if os.fork() == 0:
        kept = np.ones(2**22); time.sleep(1000)
time.sleep(1000)
""",
        BRIEF,
    ),
    Attack(
        "memory_that_is_nobodys",
        "Anonymous files in memory, which no process has mapped: no count of what is resident shows them.",
        """
import os
kept, block = [], b'x' * 2**20
while True:
    try: kept.append(os.memfd_create('mine'))
    except OSError as error: print(error); break
    try:
        for _ in range(1000): os.write(kept[-1], block)
    except OSError as error: pass
""",
        BRIEF,
    ),
    Attack(
        "memory_that_is_shared",
        "Shared anonymous memory that is written and then taken out of the process's own tables, again and again.",
        """
import ctypes, mmap
libc, kept = ctypes.CDLL(None), []
while True:
    kept.append(mmap.mmap(-1, 2**24))
    kept[-1].write(b'x' * 2**24)
    place = ctypes.addressof(ctypes.c_char.from_buffer(kept[-1]))
    libc.madvise(ctypes.c_void_p(place), 2**24, 4)
""",
        BRIEF,
    ),
    Attack(
        "memory_of_the_kernel",
        "Fills pipes, socket buffers and System V segments, which count for no process.",
        """
import ctypes, os, socket
libc, kept, block = ctypes.CDLL(None), [], b'x' * 2**20
libc.shmat.restype = ctypes.c_void_p
for _ in range(200):
    segment = libc.shmget(0, 2**24, 0o1600)
    if segment >= 0:
        place = libc.shmat(segment, None, 0)
        ctypes.memset(place, 1, 2**24); libc.shmdt(ctypes.c_void_p(place))
while True:
    try: pair = socket.socketpair()
    except OSError: break
    kept.append(pair); pair[0].setblocking(False)
    try:
        while True: pair[0].send(block)
    except OSError: pass
""",
        BRIEF,
    ),
    Attack(
        "disk",
        "Fills its work folder, its temporary folder and shared memory with files.",
        """
import os
for folder in ('.', 'tmp', '/dev/shm', '/tmp', '/var/tmp'):
    for number in range(1000):
        try:
            with open(f'{folder}/{number}', 'wb') as file:
                for _ in range(64): file.write(bytes(2**20))
        except OSError as error: print(folder, number, error); break
""",
        BRIEF,
    ),
    Attack(
        "one_endless_file",
        "Writes one file without end, also where the signal for that is ignored.",
        """
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with open('file', 'wb') as file:
    while True:
        file.write(bytes(2**20))
""",
        BRIEF,
    ),
    Attack(
        "inodes",
        "Makes empty files, folders within folders and links without end.",
        """
import os
for number in range(10**6):
    try: os.mkdir('d'); os.chdir('d'); open('f', 'w').close(); os.link('f', 'g'); os.symlink('f', 'h')
    except OSError as error: print(number, error); break
""",
        BRIEF,
    ),
    Attack(
        "descriptors",
        "Opens descriptors until no more are given, here and in children, and sends them through sockets.",
        """
import os, socket
kept, (one, other) = [], socket.socketpair()
os.fork()
while True:
    try: kept.append(os.open('/dev/null', 0)); socket.send_fds(one, [b'x'], kept[-100:])
    except OSError as error: print(error); break
""",
        BRIEF,
    ),
    Attack(
        "output",
        "Prints without end, on all streams, as rich output and as errors.",
        """
import sys
from IPython.display import display, HTML
while True:
    try: print('x' * 10**6); sys.stderr.write('y' * 10**6); display(HTML('z' * 10**6)); print('\\r' * 10**6)
    except BaseException: pass
""",
        BRIEF,
    ),
    Attack(
        "output_of_nothing",
        "Endless empty outputs, endless lines that overwrite each other, and a result whose text never ends.",
        """
class Endless:
    def __repr__(self):
        while True:
            print('', end=''); print('x\\r', end=''); display(Endless)
display(Endless())
""",
        BRIEF,
    ),
    Attack(
        "zip_bomb",
        "Unpacks an archive that is ten thousand times as large within.",
        """
import zipfile
with zipfile.ZipFile('bomb.zip', 'w', zipfile.ZIP_DEFLATED) as archive:
    for number in range(100): archive.writestr(f'{number}/../../../{number}', bytes(2**23))
with zipfile.ZipFile('bomb.zip') as archive:
    archive.extractall(); print(b''.join(archive.read(name) for name in archive.namelist())[:1])
""",
        BRIEF,
    ),
    Attack(
        "pickle_bomb",
        "Answers with an object that unpickles into a command and grows a billion-fold, as .npy, .npz and pickle.",
        """
import os, pickle
class Bomb:
    def __reduce__(self): return (os.system, ('touch /tmp/exploded',))
    def __array__(self, *a, **k): return np.array([Bomb()], dtype=object)
np.save('total.npy', np.array([Bomb()], dtype=object), allow_pickle=True)
open('total.pkl', 'wb').write(pickle.dumps(Bomb()))
def total(x): return Bomb()
""",
    ),
    Attack(
        "value_bomb",
        "Answers with values that are small to make and endless to write down.",
        """
deep = []
for _ in range(10**5): deep = [deep]
wide = ['x' * 1000]
for _ in range(40): wide = [wide, wide]
answers = iter([deep, wide, 10**(10**6), {'a': np.lib.stride_tricks.as_strided(np.zeros(1), (2**40,), (0,))}])
def total(x): return next(answers)
""",
        BRIEF,
    ),
    Attack(
        "compiler_bomb",
        "A cell whose text is short and whose syntax tree, constant or regular expression is endless.",
        """
import re
try: eval('(' * 10**5)
except BaseException as error: print(type(error))
try: exec('x = ' + '-' * 10**6 + '1')
except BaseException as error: print(type(error))
re.match(r'(a+)+$', 'a' * 40 + 'b')
""",
        BRIEF,
    ),
    Attack(
        "memory_of_page_tables",
        "Looks at a quarter of a terabyte of nothing: it costs no page, but the kernel's tables of it.",
        f"""
import ctypes, mmap
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
for _ in range(64):
    start = libc.mmap(None, 2**32, mmap.PROT_READ, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000, -1, 0)
    if start == ctypes.c_void_p(-1).value: break
    for place in range(start, start + 2**32, 2**21): ctypes.string_at(place, 1)
tables = next(line for line in open('/proc/self/status') if line.startswith('VmPTE'))
{SEEN_IF.format("int(tables.split()[1]) > 500_000")}
""",
    ),
    Attack(
        "memory_of_connections",
        "Connections that nobody accepts, whose senders are gone: what they sent is in no process and no descriptor.",
        f"""
import os, socket, time
kept, sent, block = [], 0, b'x' * 2**16
for number in range(8):
    door = socket.socket(socket.AF_UNIX); door.bind(f'\\0{{number}}'); door.listen(4096); kept.append(door)
    for _ in range(512):
        end = socket.socket(socket.AF_UNIX); end.setblocking(False)
        try:
            end.connect(f'\\0{{number}}')
            while True: sent += end.send(block)
        except OSError: pass
        end.close()
time.sleep(1)
{SEEN_IF.format("sent > 500_000_000")}
""",
    ),
    Attack(
        "memory_while_nobody_looks",
        "Keeps the grader busy with answers that it does not read, and takes memory meanwhile.",
        f"""
import json, os, struct, threading, time
data = json.dumps({{'kind': 'reached', 'task': 'total', 'cell': 0}}).encode()
def ask():
    while True: os.write(200, struct.pack('>I', len(data)) + data)
threading.Thread(target=ask, daemon=True).start()
for _ in range(4):
    if os.fork() == 0:
        held = np.ones(2**23); time.sleep(1000)
time.sleep(3)
{SEEN_IF.format("True")}
""",
        {"seconds": 8.0},
    ),
    Attack(
        "time_of_nobody",
        "Children for which nobody waits, and whose time is added to nobody's.",
        f"""
import os, signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
end = time.monotonic() + 8
while time.monotonic() < end:
    if os.fork() == 0:
        stop = time.process_time() + 0.08
        while time.process_time() < stop: pass
        os._exit(0)
    time.sleep(0.05)
{SEEN_IF.format("True")}
""",
        {"cpu_seconds": 2.0, "seconds": 30.0, "memory": 2**33},
    ),
    Attack(
        "frame_of_brackets",
        "Sends one frame of nothing but lists, each of which costs the memory of a list.",
        """
import os, socket, struct
channel, data = socket.socket(fileno=os.dup(200)), b'[' + b'[[[[]]]],' * 7_000_000 + b'0]'
channel.sendall(struct.pack('>I', len(data)) + data)
""",
    ),
    Attack(
        "frame_of_arrays",
        "Sends hundreds of thousands of empty arrays as the values of one task: to read each takes a moment.",
        """
import base64, io, json, os, socket, struct
box = io.BytesIO(); np.save(box, np.zeros(0))
value = {'value': [{'npy': base64.b64encode(box.getvalue()).decode()}] * 150_000}
channel, observed = socket.socket(fileno=os.dup(200)), {'of_row': value, 'of_matrix': value}
for form in ({'kind': 'reached', 'task': 'total', 'cell': 0},
             {'kind': 'observed', 'task': 'total', 'observations': observed}):
    data = json.dumps(form).encode()
    channel.sendall(struct.pack('>I', len(data)) + data)
import time; time.sleep(1)
""",
        BRIEF,
    ),
    Attack(
        "value_that_takes_long_to_print",
        "Returns hundreds of arrays of numbers far from 1, each of which takes milliseconds to print.",
        """
def total(x):
    return [np.full(1_000, 1e-300) * np.longdouble('1e-4000')] * 400 if x.shape == (1, 2) else 0.0
""",
    ),
    Attack(
        "name_without_end",
        "Imports a module whose name has 60,000 dots, which costs whoever parses the cell gigabytes.",
        """
import """
        + "a." * 60_000
        + """a
""",
    ),
]
