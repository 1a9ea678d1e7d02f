"""A FUSE file system that can hang: shows one powercap package, and a file of tokens in it, below argv[1], and reads argv[2] to learn whether to answer.

While the file argv[2] exists no request is answered, for a minute at most. Speaks the kernel's protocol on /dev/fuse itself
(include/uapi/linux/fuse.h).
"""
import ctypes, os, struct, sys, time

mountpoint, switch = sys.argv[1:3]
start = time.monotonic()
FILES = {
    "name": lambda: b"package-0\n",
    "max_energy_range_uj": lambda: b"262143328850\n",
    "energy_uj": lambda: b"%d\n" % int((time.monotonic() - start) * 20e6),
    "tokens": lambda: b"hanging-token-0123456789\n",
}
NAMES = ["intel-rapl:0"] + list(FILES)  # node id: index + 2

libc = ctypes.CDLL(None, use_errno=True)
fuse = os.open("/dev/fuse", os.O_RDWR)
options = f"fd={fuse},rootmode=40000,user_id=0,group_id=0,allow_other".encode()
if libc.mount(b"hanging", mountpoint.encode(), b"fuse", 0, options) != 0:
    sys.exit(f"mount: {os.strerror(ctypes.get_errno())}")


def attributes(node):
    mode = 0o40555 if node <= 2 else 0o100444
    return struct.pack("<6Q10I", node, 0, 0, 0, 0, 0, 0, 0, 0, mode, 1, 0, 0, 0, 4096, 0)


def listing(node, offset):
    if offset:
        return b""
    result = b""
    names = NAMES[:1] if node == 1 else NAMES[1:]
    for index, name in enumerate(names):
        raw = name.encode()
        kind = 4 if node == 1 else 8
        entry = struct.pack("<QQII", NAMES.index(name) + 2, index + 1, len(raw), kind) + raw
        result += entry + b"\0" * (-len(entry) % 8)
    return result


def answer(code, node, body):
    if code == 26:  # INIT
        return struct.pack("<4I2H2I2H8I", 7, 31, 65536, 0, 8, 8, 65536, 1, 16, 0, *[0] * 8)
    if code == 1:  # LOOKUP
        name = body.split(b"\0")[0].decode()
        if name not in NAMES or (node == 1) != (name == NAMES[0]):
            return -2
        child = NAMES.index(name) + 2
        return struct.pack("<4Q2I", child, 0, 0, 0, 0, 0) + attributes(child)
    if code == 3:  # GETATTR
        return struct.pack("<Q2I", 0, 0, 0) + attributes(node)
    if code in (14, 27):  # OPEN, OPENDIR; direct, so that every read arrives here
        return struct.pack("<Q2I", 0, 1 if code == 14 else 0, 0)
    if code == 28:  # READDIR
        return listing(node, struct.unpack_from("<QQ", body)[1])
    if code == 15:  # READ
        offset = struct.unpack_from("<QQ", body)[1]
        return FILES[NAMES[node - 2]]()[offset:]
    if code in (18, 25, 29):  # FLUSH, RELEASE, RELEASEDIR
        return b""
    return -38


print("mounted", flush=True)
while True:
    try:
        request = os.read(fuse, 1 << 17)
    except OSError:
        break
    _, code, unique, node = struct.unpack_from("<IIQQ", request)
    if code in (2, 36, 42):  # FORGET, INTERRUPT, BATCH_FORGET want none
        continue
    # Not for ever: what waits for an answer cannot be killed.
    deadline = time.monotonic() + 60
    while os.path.exists(switch) and time.monotonic() < deadline:
        time.sleep(0.02)
    reply = answer(code, node, request[40:])
    error, data = (reply, b"") if isinstance(reply, int) else (0, reply)
    try:
        os.write(fuse, struct.pack("<IiQ", 16 + len(data), error, unique) + data)
    except OSError:
        pass  # the reader was killed meanwhile
