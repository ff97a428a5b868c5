"""Attacks over the network: each door of the machine that grades stands open, and none may be reached."""

from tests.attacks.attack import Attack

_CALL = """
import os, socket
def call(family, address, kind=socket.SOCK_STREAM):
    with socket.socket(family, kind) as end:
        end.settimeout(0.5)
        try:
            end.connect(address); end.send(b'hello'); print('reached', address)
        except OSError as error:
            print(address, error)
"""

ATTACKS = [
    Attack(
        "ipv4",
        "Connects over IPv4 to the machine, to its neighbours and to the world.",
        _CALL
        + """
for host in ('127.0.0.1', '0.0.0.0', '10.0.2.2', '169.254.169.254', '192.0.2.1', '255.255.255.255'):
    call(socket.AF_INET, (host, 8001)); call(socket.AF_INET, (host, 8001), socket.SOCK_DGRAM)
""",
    ),
    Attack(
        "ipv6",
        "Connects over IPv6, also to IPv4 addresses in its clothes.",
        _CALL
        + """
for host in ('::1', '::', 'fe80::1', '::ffff:127.0.0.1', '2001:db8::1'):
    call(socket.AF_INET6, (host, 8001)); call(socket.AF_INET6, (host, 8001), socket.SOCK_DGRAM)
""",
    ),
    Attack(
        "loopback_brought_up",
        "Takes rights in a user namespace of its own, brings a loopback up there and listens and connects.",
        _CALL
        + """
import ctypes, fcntl, struct
libc = ctypes.CDLL(None, use_errno=True)
print(libc.unshare(0x10000000), libc.unshare(0x40000000))
try:
    with socket.socket() as end: fcntl.ioctl(end, 0x8914, struct.pack('16sH14x', b'lo', 0x41))
except OSError as error: print(error)
call(socket.AF_INET, ('127.0.0.1', 8001)); call(socket.AF_INET6, ('::1', 8001))
for fd in range(256):
    try: os.setns(fd, 0) if hasattr(os, 'setns') else libc.setns(fd, 0)
    except OSError: pass
""",
    ),
    Attack(
        "unix_sockets",
        "Connects to UNIX sockets by their path: the machine's bus, its containers' engine, the one that stands open.",
        _CALL
        + """
for path in ('/tmp/door', '/run/docker.sock', '/var/run/docker.sock', '/run/dbus/system_bus_socket', '/dev/log',
             '/proc/self/root/tmp/door', '/proc/1/root/tmp/door'):
    call(socket.AF_UNIX, path)
os.symlink('/tmp/door', 'door')
call(socket.AF_UNIX, 'door')
""",
    ),
    Attack(
        "unix_datagrams",
        "Sends to a UNIX socket without connecting, from a pair that was connected before.",
        _CALL
        + """
call(socket.AF_UNIX, '/tmp/slot', socket.SOCK_DGRAM)
one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
for end in (one, other, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)):
    try: end.sendto(b'hello', '/tmp/slot'); print('sent')
    except OSError as error: print(error)
    try: socket.send_fds(end, [b'hello'], [0], address='/tmp/slot'); print('sent')
    except (OSError, TypeError) as error: print(error)
""",
    ),
    Attack(
        "abstract_sockets",
        "Connects to abstract UNIX sockets, which no file system keeps apart, and takes names that others may want.",
        _CALL
        + """
for name in ('\\0door', '\\0/tmp/.X11-unix/X0', '\\0/containerd-shim'):
    call(socket.AF_UNIX, name); call(socket.AF_UNIX, name, socket.SOCK_DGRAM)
print(open('/proc/net/unix').read())
""",
    ),
    Attack(
        "names",
        "Asks a name server, by the library and by hand, for a name that carries what it knows.",
        _CALL
        + """
try: print(socket.getaddrinfo('what-i-know.example.org', 80))
except OSError as error: print(error)
call(socket.AF_INET, ('127.0.0.1', 53), socket.SOCK_DGRAM); call(socket.AF_INET, ('127.0.0.53', 53), socket.SOCK_DGRAM)
import urllib.request
try: urllib.request.urlopen('http://localhost:8001/', timeout=1)
except OSError as error: print(error)
""",
    ),
    Attack(
        "other_families",
        "Tries the families that filters forget: netlink, packets, virtual machines' sockets, io_uring.",
        """
import ctypes, socket
families = (16, 3, 0), (17, 3, 768), (40, 1, 0), (38, 5, 0), (31, 3, 1), (2, 3, 1), (29, 3, 1), (15, 3, 2)
for family, kind, number in families:
    try:
        with socket.socket(family, kind, number) as end:
            print(family, end)
            if family == 40: end.settimeout(0.5); end.connect((2, 8001))
    except OSError as error: print(family, error)
libc = ctypes.CDLL(None, use_errno=True)
print('io_uring', libc.syscall(425, 8, ctypes.create_string_buffer(120)))
print('userfaultfd', libc.syscall(323, 0), 'bpf', libc.syscall(321, 0, None, 0))
""",
    ),
]
