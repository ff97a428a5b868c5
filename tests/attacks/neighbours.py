"""Attacks on whoever is graded at the same time, by what all share: processors, descriptors, files of libraries."""

from tests.attacks.attack import Attack

# A second's work. Whoever does not get that second within the notebook's time loses all that comes after.
SECOND = """
import time
end = time.process_time() + 1
while time.process_time() < end:
    try:
        while time.process_time() < end: pass
    except BaseException: pass
"""

ATTACKS = [
    Attack(
        "descriptors_in_flight",
        "Has as many descriptors waiting in sockets as the user may have, who is also the grader's.",
        """
import os, socket, time
pairs = []
try:
    for _ in range(60):
        pairs.append(socket.socketpair())
        socket.send_fds(pairs[-1][0], [b'x'], [0] * 250)
except OSError as error: print(len(pairs), error)
time.sleep(4)
""",
        beside="import os, socket\none, other = socket.socketpair()\nassert one.send(b'x')",
    ),
    Attack(
        "busy_sessions",
        "A hundred and fifty busy processes, each in a session of its own, within all limits.",
        """
import os
for _ in range(150):
    if os.fork() == 0:
        os.setsid()
        while True: pass
while True: pass
""",
        {"seconds": 8.0, "processes": 200, "memory": 2**34},
        beside=SECOND,
    ),
    Attack(
        "all_cores",
        "Puts its processes on every core, whichever it was given.",
        """
import ctypes, os
libc, everywhere = ctypes.CDLL(None), ctypes.create_string_buffer(b'\\xff' * 128, 128)
try: os.sched_setaffinity(0, range(1024))
except OSError as error: print(error)
print(libc.sched_setaffinity(0, 128, everywhere))
for _ in range(60):
    if os.fork() == 0:
        libc.sched_setaffinity(0, 128, everywhere)
        while True: pass
while True: pass
""",
        {"seconds": 8.0, "processes": 90, "memory": 2**34},
        beside=SECOND,
    ),
    Attack(
        "what_others_open",
        "Asks to be told when others open, read or change files of the libraries, by every way that the kernel has.",
        """
import ctypes, fcntl, os, time
libc = ctypes.CDLL(None, use_errno=True)
paths = b'/usr/bin', b'.', os.fsencode(np.__file__)
watched = [libc.inotify_add_watch(libc.inotify_init(), path, 0xfff) for path in paths]
told = []
for ask, value in ((fcntl.F_NOTIFY, 0x8000003f), (fcntl.F_SETLEASE, fcntl.F_RDLCK)):
    try: told.append(fcntl.fcntl(os.open(np.__file__ if value < 9 else '/usr/bin', 0), ask, value))
    except OSError as error: print(error)
if told or set(watched) != {-1}:
    def total(x): return float(np.sum(x))  # points that it must not have: so it is seen
""",
    ),
]
