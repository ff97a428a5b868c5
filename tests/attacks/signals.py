"""Attacks with signals and ptrace on the server, on siblings and on everything."""

from tests.attacks.attack import Attack

ATTACKS = [
    Attack(
        "kill_everything",
        "kill(-1, SIGKILL): as root, on a machine without walls, the end of all.",
        "import os, signal\nos.kill(-1, signal.SIGKILL)",
    ),
    Attack(
        "kill_by_number",
        "Sends SIGKILL and SIGSTOP to each process number that a server or a sibling may have, and to their groups.",
        """
import os, signal
hit = []
for pid in range(2, 1000):
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for act in (os.kill, os.killpg):
            try: act(pid, number); hit.append(pid)
            except OSError: pass
print('hit', hit)
try: os.kill(os.getppid() or 0, 0)
except OSError as error: print(error)
""",
    ),
    Attack(
        "kill_the_parent",
        "Asks to be told of its parent's death, to become its reaper, and to outlive it.",
        """
import ctypes, os, signal, time
libc = ctypes.CDLL(None, use_errno=True)
print(libc.prctl(1, 0, 0, 0, 0), libc.prctl(36, 1, 0, 0, 0), libc.prctl(4, 1, 0, 0, 0))
os.kill(os.getpid(), signal.SIGSTOP)
for number in range(1, 65):
    try: os.kill(os.getppid() or 1, number)
    except (OSError, KeyboardInterrupt): pass
""",
        {"seconds": 4.0},
    ),
    Attack(
        "trace_the_server",
        "Attaches to every process with ptrace, seizes it and asks the kernel to have itself traced by the first.",
        """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
hits = [(call, pid) for pid in range(0, 500) for call in (16, 0x4206) if libc.ptrace(call, pid, 0, 0) == 0]
print('hits', hits, libc.prctl(0x59616d61, -1, 0, 0, 0))
print(libc.ptrace(0, 0, 0, 0))
print(libc.kcmp(os.getpid(), os.getppid(), 0, 0, 0) if hasattr(libc, 'kcmp') else '')
""",
        {"seconds": 4.0},
    ),
    Attack(
        "signals_from_the_kernel",
        "Has the kernel send signals to others: by timers, by owners of descriptors, by process groups' leaders.",
        """
import fcntl, os, signal, socket
one, other = socket.socketpair()
for pid in [1, *range(2, 400), *range(-400, -1)]:
    try:
        fcntl.fcntl(one, fcntl.F_SETOWN, pid); fcntl.fcntl(one, 10, signal.SIGKILL)
        fcntl.fcntl(one, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK); other.send(b'x')
    except OSError: pass
try: os.tcsetpgrp(0, 1)
except OSError as error: print(error)
""",
    ),
    Attack(
        "crash",
        "Dies of a fault in its own memory, in the middle of a frame.",
        """
import ctypes, os
os.write(200, b'\\0\\0\\1\\0{"kind": "observed", ')
ctypes.string_at(0)
""",
    ),
    Attack(
        "exit_in_silence",
        "Leaves by os._exit with the status of success, before anything is judged.",
        "import os\nos._exit(0)",
    ),
    Attack(
        "replaced",
        "Replaces its own process by another program that keeps the channel.",
        """
import os, sys
os.set_inheritable(200, True)
code = "import os, time; os.write(200, b'\\\\0\\\\0\\\\0\\\\x02{}'); time.sleep(60)"
os.execv(sys.executable, [sys.executable, '-c', code])
""",
        {"seconds": 4.0},
    ),
]
