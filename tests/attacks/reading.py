"""Attacks that read: the reference, hidden probes, the gradebook, neighbours, the environment, /proc, memory."""

from tests.attacks.attack import Attack

_READ = """
import os, pathlib
def read(*paths):
    for path in map(pathlib.Path, paths):
        try:
            if path.is_dir():
                print(path, sorted(os.listdir(path))[:20])
                for name in ('toy.py', 'toy.ipynb', 'grades.db', 'private.txt', 'server.log'):
                    if (path / name).is_file(): read(path / name)
            else:
                print(path, path.read_bytes()[:100_000].decode('latin1'))
        except OSError as error:
            print(path, type(error).__name__)
"""

ATTACKS = [
    Attack(
        "reference_and_hidden_probes",
        "Opens the course's source, where the reference and the hidden probes stand.",
        _READ
        + "read('/usr/src/grading/course/solutions/toy.py', '/usr/src/grading/course/solutions', '/usr/src/grading')",
    ),
    Attack(
        "gradebook",
        "Opens the gradebook for the seed and the points, and tries to write points of its own.",
        _READ
        + """
read('/usr/src/grading/grades.db', '/usr/src/grading/grades.db-wal')
import sqlite3
book = sqlite3.connect('/usr/src/grading/grades.db')
print(book.execute('select * from settings').fetchall())
book.execute("update verdicts set points = 3, state = 'passed'"); book.commit()
""",
    ),
    Attack(
        "other_submissions",
        "Looks for the neighbour's notebook in the class folder, in the server's folder and beside its own.",
        _READ + "read('/usr/src/grading/class/002/toy.ipynb', '/usr/src/grading/class', '..', '../..', '/tmp')",
    ),
    Attack(
        "links_and_roots",
        "Reaches for the same files by links, by /proc's roots and folders, and by open handles.",
        _READ
        + """
goal = '/usr/src/grading/course/solutions/toy.py'
os.symlink(goal, 'soft')
try: os.link(goal, 'hard')
except OSError as error: print(error)
own = ['/proc/self/root', '/proc/1/root', '/proc/1/cwd/../..', '/proc/self/cwd/../..', '/proc/thread-self/root']
read('soft', 'hard', *(one + goal for one in own), '/proc/self/fd/0', '/dev/fd/200')
for fd in range(0, 256):
    try: print(os.listdir(fd))
    except OSError: pass
""",
    ),
    Attack(
        "environment",
        "Reads the environment that the server was started with, its own and that of every process it can see.",
        _READ
        + """
print(dict(os.environ))
pids = [pid for pid in range(1, 1000) if os.path.isdir(f'/proc/{pid}')]
read(*(f'/proc/{pid}/{name}' for pid in pids for name in ('environ', 'cmdline')))
""",
    ),
    Attack(
        "parents_proc",
        "Reads memory, maps, descriptors and the command line of the parent through /proc.",
        _READ
        + """
parent = os.getppid()
print('parent', parent, sorted(int(name) for name in os.listdir('/proc') if name.isdigit()))
for name in ('environ', 'maps', 'mem', 'cmdline', 'fd', 'cwd', 'root', 'task'):
    read(f'/proc/{parent}/{name}', f'/proc/1/task/1/{name}' if name in ('environ', 'cmdline') else '/proc/0')
""",
    ),
    Attack(
        "parents_memory",
        "process_vm_readv, ptrace and pidfd_getfd on every process number there may be.",
        """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
class Part(ctypes.Structure):
    _fields_ = [('base', ctypes.c_void_p), ('length', ctypes.c_size_t)]
box = ctypes.create_string_buffer(4096)
mine, theirs = Part(ctypes.addressof(box), 4096), Part(0x400000, 4096)
hits = []
for pid in range(0, 1000):
    if pid == 1: continue
    if libc.process_vm_readv(pid, ctypes.byref(mine), 1, ctypes.byref(theirs), 1, 0) > 0: hits.append(('read', pid))
    if libc.ptrace(16, pid, 0, 0) == 0: hits.append(('ptrace', pid))
    fd = libc.syscall(434, pid, 0)
    if fd >= 0: hits.append(('pidfd', pid, [libc.syscall(438, fd, n, 0) for n in range(10)]))
print('hits', hits)
""",
    ),
    Attack(
        "own_memory",
        "Searches the memory that was inherited from the server for the secrets of those who graded before.",
        """
import re
words = [b'BEGIN SOLUTION', b'ARENA_SECRET', b'seed', b'referenced', b'/usr/src/grading']
with open('/proc/self/maps') as maps, open('/proc/self/mem', 'rb') as memory:
    for line in maps:
        low, high = (int(part, 16) for part in line.split()[0].split('-'))
        if 'rw' not in line or high - low > 2**26: continue
        try:
            memory.seek(low); data = memory.read(high - low)
        except (OSError, OverflowError): continue
        for word in words:
            for place in list(re.finditer(re.escape(word), data))[:5]:
                print(data[max(place.start() - 80, 0):place.end() + 200])
""",
    ),
    Attack(
        "inherited_descriptors",
        "Reads from every descriptor that is open, and asks where it leads.",
        """
import os, stat
for name in sorted(os.listdir('/proc/self/fd'), key=int):
    fd = int(name)
    try:
        print(fd, os.readlink(f'/proc/self/fd/{fd}'), oct(os.fstat(fd).st_mode))
        if fd != 200 and stat.S_ISREG(os.fstat(fd).st_mode):
            print(os.pread(fd, 10_000, 0))
    except OSError as error: print(fd, error)
""",
    ),
    Attack(
        "system_v_memory",
        "Attaches the shared memory that the grader's machine keeps under a known key.",
        """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p
for key in (4242, 0):
    segment = libc.shmget(key, 0, 0)
    for number in (segment, *range(16)):
        place = libc.shmat(number, None, 0o10000)
        if place not in (None, 2**64 - 1):
            print(ctypes.string_at(place, 64))
print(open('/proc/sysvipc/shm').read())
""",
    ),
    Attack(
        "keys_of_the_kernel",
        "Reads the keys in the session's keyring, where a log-in may keep its tickets, and leaves one for the next.",
        """
import ctypes, os, platform
libc = ctypes.CDLL(None, use_errno=True)
keyctl, add_key = (250, 248) if platform.machine() == 'x86_64' else (219, 217)
box = ctypes.create_string_buffer(256)
for ring in (-1, -2, -3, -4, -5):
    key = libc.syscall(keyctl, 10, ring, b'user', b'arena', 0)
    if key > 0 and libc.syscall(keyctl, 11, key, box, 256) > 0:
        print(ring, box.value)
print('left', libc.syscall(add_key, b'user', b'left', b'for the next', 12, -3))
print(open('/proc/keys').read() if os.access('/proc/keys', os.R_OK) else '')
""",
    ),
    Attack(
        "files_of_the_machine",
        "Reads passwords, host keys, the home folders and the logs of the machine that grades.",
        _READ
        + """
read('/etc/shadow', '/etc/hostname', '/etc/ssh', '/root', '/home', '/var/log', '/var/lib', '/srv', '/mnt', '/run')
read('/proc/kcore', '/proc/kallsyms', '/dev/mem', '/dev/kmsg', '/dev/sda', '/dev/vda', '/sys/kernel/debug', '/dev/tty')
""",
    ),
]
