# SPDX-License-Identifier: BSD-2-Clause

"""A server of NFS version 3, with the port mapper and the mount protocol on
the same port, of TCP and UDP.  It serves a folder of this machine as whoever
runs it, and can be told to answer badly.
"""

import os
import socket
import stat
import struct
import threading

PORT_MAPPER, NFS, MOUNT = 100000, 100003, 100005
TCP, UDP = 6, 17

OK, NOENT, IO, EXIST, NOTDIR, ISDIR, INVAL, NOTEMPTY, STALE, NOTSUPP = (
    0, 2, 5, 17, 20, 21, 22, 66, 70, 10004)
ERRNO = {1: 1, 2: 2, 5: 5, 13: 13, 17: 17, 18: 18, 20: 20, 21: 21, 22: 22,
         27: 27, 28: 28, 30: 30, 36: 63, 39: 66, 40: 22}

LARGEST = 32768

TYPES = {stat.S_IFREG: 1, stat.S_IFDIR: 2, stat.S_IFBLK: 3, stat.S_IFCHR: 4,
         stat.S_IFLNK: 5, stat.S_IFSOCK: 6, stat.S_IFIFO: 7}

# How answers to MNT can be wrong: what they are made into.
BAD_MOUNTS = {
    'short': lambda answer: answer[:20],
    'empty': lambda answer: b'',
    'cut': lambda answer: answer[:-9],
    'long-handle': lambda answer: answer[:28] + b'\0\0\1\0' + b'x' * 256,
    'huge-handle': lambda answer: answer[:28] + b'\xff\xff\xff\xfd' + b'x' * 9,
    'no-handle': lambda answer: answer[:28] + b'\0' * 8,
    'huge-verifier': lambda answer: answer[:16] + b'\xff\xff\xff\xfc'
    + answer[20:],
    'other-call': lambda answer: b'\0\0\0\0' + answer[4:],
    'call': lambda answer: answer[:4] + b'\0' * 4 + answer[8:],
    'denied': lambda answer: answer[:8] + b'\0\0\0\1' + b'\0' * 12,
    'no-program': lambda answer: answer[:20] + b'\0\0\0\1',
    'long': lambda answer: answer + b'x' * 4000,
    'silent': lambda answer: None,
}


class Reader:
    """What a call brings."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def number(self):
        self.at += 4
        return struct.unpack_from('>I', self.data, self.at - 4)[0]

    def long(self):
        self.at += 8
        return struct.unpack_from('>Q', self.data, self.at - 8)[0]

    def bytes(self):
        size = self.number()
        begin = self.at
        self.at += (size + 3) // 4 * 4
        return self.data[begin:begin + size]

    def time(self):
        """Returns a time that is to be set, in ns, 'now', or None."""
        how = self.number()
        if how == 2:
            return self.number() * 10**9 + self.number()
        return 'now' if how else None

    def attributes(self):
        """Returns (mode, uid, gid, size, atime, mtime), None: as it is."""
        values = [self.number() if self.number() else None for _ in range(3)]
        values.append(self.long() if self.number() else None)
        return values + [self.time(), self.time()]


def number(value):
    return struct.pack('>I', value & 0xffffffff)


def long(value):
    return struct.pack('>Q', value & 0xffffffffffffffff)


def opaque(data):
    return number(len(data)) + data + b'\0' * (-len(data) % 4)


def time(ns):
    return number(ns // 10**9) + number(ns % 10**9)


class Failed(Exception):
    """An NFS status other than OK."""


class Server:
    """Serves a folder until it is told to be silent."""

    def __init__(self, root):
        self.root = os.path.abspath(root).encode()
        self.paths = {}
        self.ids = {}
        self.next_id = 1
        self.lock = threading.Lock()
        self.is_silent = False

        # Makes something else of an answer of NFS; called with it.
        self.damage = None
        self.calls = 0
        self.connections = set()
        self.stream = socket.create_server(('127.0.0.1', 0))
        self.port = self.stream.getsockname()[1]
        self.datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.datagrams.bind(('127.0.0.1', self.port))
        for run in (self.serve_streams, self.serve_datagrams):
            threading.Thread(target=run, daemon=True).start()

    def leave(self, seconds):
        """Ends all connections, refuses others, and returns after a time."""
        self.stream.shutdown(socket.SHUT_RDWR)
        self.stream.close()
        for connection in list(self.connections):
            connection.shutdown(socket.SHUT_RDWR)
        threading.Timer(seconds, self.come_back).start()

    def come_back(self):
        self.stream = socket.create_server(('127.0.0.1', self.port))
        threading.Thread(target=self.serve_streams, daemon=True).start()

    # Messages.

    def serve_datagrams(self):
        while True:
            call, sender = self.datagrams.recvfrom(65536)
            answer = self.answer(call)
            if answer is not None:
                self.datagrams.sendto(answer, sender)

    def serve_streams(self):
        stream = self.stream
        while True:
            try:
                connection, _ = stream.accept()
            except OSError:
                return
            threading.Thread(target=self.serve_stream, args=(connection,),
                             daemon=True).start()

    def serve_stream(self, connection):
        self.connections.add(connection)
        with connection, connection.makefile('rb') as file:
            try:
                while self.serve_record(connection, file):
                    pass
            except OSError:
                pass
        self.connections.discard(connection)

    def serve_record(self, connection, file):
        record, last = b'', False
        while not last:
            field = file.read(4)
            if len(field) < 4:
                return False
            size = struct.unpack('>I', field)[0]
            last = size >> 31
            record += file.read(size & 0x7fffffff)
        answer = self.answer(record)
        if answer is not None:
            # In two fragments, unless it is of NFS: NetBSD wants it whole.
            half = 0 if struct.unpack_from('>I', record, 12)[0] == NFS \
                else len(answer) // 2
            if half:
                connection.sendall(number(half) + answer[:half])
            connection.sendall(number(0x80000000 | (len(answer) - half))
                               + answer[half:])
        return True

    def answer(self, message):
        """Returns the answer to a call, or None."""
        with self.lock:
            call = Reader(message)
            xid, _, _, program, _, procedure = (
                call.number() for _ in range(6))
            for _ in range(2):
                call.number()
                call.bytes()
            accepted = number(xid) + number(1) + number(0) * 3
            self.calls += 1
            if self.is_silent:
                return None
            if program == PORT_MAPPER:
                return accepted + number(OK) + number(
                    self.port if procedure == 3 else 0)
            if program == MOUNT:
                return self.mount(accepted, procedure, call)
            answer = accepted + number(OK) + self.nfs(procedure, call)
            return self.damage(answer) if self.damage else answer

    def mount(self, accepted, procedure, call):
        accepted += number(OK)
        if procedure != 1:
            return accepted
        path = call.bytes()
        answer = accepted + number(OK) + opaque(
            self.handle(self.root)) + number(1) + number(1)
        if path.startswith(b'/bad/'):
            return BAD_MOUNTS[path[5:].decode()](answer)
        return answer if path == b'/export' else accepted + number(NOENT)

    # Files.

    def handle(self, path):
        """Returns the handle of a file, which stays when it is renamed, and
        is not that of one that was removed."""
        inode = os.lstat(path).st_ino
        if inode not in self.ids:
            self.ids[inode] = self.next_id
            self.next_id += 1
        self.paths[self.ids[inode]] = path
        return b'rump' + long(self.ids[inode])

    def path(self, handle):
        """Returns the path of a handle."""
        if len(handle) != 12 or handle[:4] != b'rump':
            raise Failed(INVAL)
        number_of_it = struct.unpack('>Q', handle[4:])[0]
        path = self.paths.get(number_of_it)
        if path is None or not os.path.lexists(path) \
                or self.ids.get(os.lstat(path).st_ino) != number_of_it:
            raise Failed(STALE)
        return path

    def entry(self, call):
        """Returns the folder and the path that a call names."""
        folder, name = self.path(call.bytes()), call.bytes()
        if b'/' in name or b'\0' in name:
            raise Failed(INVAL)
        return folder, os.path.join(folder, name)

    def forget(self, path):
        """What was removed leaves its number to another file, but not its
        handle; called before that."""
        inode = os.lstat(path).st_ino
        if os.lstat(path).st_nlink == 1 or os.path.isdir(path):
            self.ids.pop(inode, None)

    def renamed(self, old, new):
        self.paths = {
            key: new + value[len(old):]
            if value == old or value.startswith(old + b'/') else value
            for key, value in self.paths.items()}

    @staticmethod
    def status(path):
        """Returns attributes."""
        s = os.lstat(path)
        return (number(TYPES[stat.S_IFMT(s.st_mode)])
                + number(stat.S_IMODE(s.st_mode)) + number(s.st_nlink)
                + number(0) + number(0) + long(s.st_size)
                + long(s.st_blocks * 512) + number(0) + number(0)
                + long(1) + long(s.st_ino)
                + time(s.st_atime_ns) + time(s.st_mtime_ns)
                + time(s.st_ctime_ns))

    def maybe(self, path):
        """Returns attributes, or that there are none."""
        try:
            return number(1) + self.status(path)
        except OSError:
            return number(0)

    def changed(self, path):
        """Returns the attributes after a change, and none before it."""
        return number(0) + self.maybe(path)

    def nfs(self, procedure, call):
        """Returns the answer to a call of NFS."""
        names = ('null', 'getattr', 'setattr', 'lookup', 'access', 'readlink',
                 'read', 'write', 'create', 'mkdir', 'symlink', 'mknod',
                 'remove', 'rmdir', 'rename', 'link', 'readdir',
                 'readdirplus', 'fsstat', 'fsinfo', 'pathconf', 'commit')
        name = names[procedure] if procedure < len(names) else 'mknod'
        try:
            return getattr(self, 'do_' + name)(call)
        except Failed as failed:
            status = failed.args[0]
        except OSError as error:
            status = ERRNO.get(error.errno, IO)
        # Without attributes, as many as each answer may have.
        optional = {'getattr': 0, 'null': 0, 'setattr': 2, 'write': 2,
                    'create': 2, 'mkdir': 2, 'symlink': 2, 'mknod': 2,
                    'remove': 2, 'rmdir': 2, 'rename': 4, 'link': 3,
                    'commit': 2}.get(name, 1)
        return number(status) + number(0) * optional

    def do_null(self, _):
        return b''

    def do_getattr(self, call):
        return number(OK) + self.status(self.path(call.bytes()))

    @staticmethod
    def set(path, attributes):
        mode, _, _, size, atime, mtime = attributes
        if size is not None:
            os.truncate(path, size)
        if mode is not None and not os.path.islink(path):
            os.chmod(path, mode & 0o7777)
        if atime is not None or mtime is not None:
            s = os.lstat(path)
            os.utime(path, ns=tuple(
                old if new is None or new == 'now' else new
                for old, new in ((s.st_atime_ns, atime),
                                 (s.st_mtime_ns, mtime))),
                follow_symlinks=False)

    def do_setattr(self, call):
        path = self.path(call.bytes())
        self.set(path, call.attributes())
        return number(OK) + self.changed(path)

    def do_lookup(self, call):
        folder, path = self.entry(call)
        return (number(OK) + opaque(self.handle(os.path.normpath(path)))
                + self.maybe(path) + self.maybe(folder))

    def do_access(self, call):
        path = self.path(call.bytes())
        return number(OK) + self.maybe(path) + number(call.number())

    def do_readlink(self, call):
        path = self.path(call.bytes())
        return number(OK) + self.maybe(path) + opaque(os.readlink(path))

    def do_read(self, call):
        path, offset, size = (
            self.path(call.bytes()), call.long(), call.number())
        with open(path, 'rb') as file:
            file.seek(offset)
            data = file.read(min(size, LARGEST))
        ends = offset + len(data) >= os.path.getsize(path)
        return (number(OK) + self.maybe(path) + number(len(data))
                + number(ends) + opaque(data))

    def do_write(self, call):
        path, offset, _, how, data = (
            self.path(call.bytes()), call.long(), call.number(),
            call.number(), call.bytes())
        with open(path, 'r+b') as file:
            file.seek(offset)
            file.write(data)
        return (number(OK) + self.changed(path) + number(len(data))
                + number(how) + b'verifier')

    def made(self, folder, path):
        return (number(OK) + number(1) + opaque(self.handle(path))
                + self.maybe(path) + self.changed(folder))

    def do_create(self, call):
        folder, path = self.entry(call)
        how = call.number()
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY
                         | (os.O_EXCL if how else 0), 0o644))
        if how < 2:
            self.set(path, call.attributes())
        return self.made(folder, path)

    def do_mkdir(self, call):
        folder, path = self.entry(call)
        os.mkdir(path)
        self.set(path, call.attributes())
        return self.made(folder, path)

    def do_symlink(self, call):
        folder, path = self.entry(call)
        call.attributes()
        os.symlink(call.bytes(), path)
        return self.made(folder, path)

    def do_mknod(self, _):
        raise Failed(NOTSUPP)

    def do_remove(self, call):
        folder, path = self.entry(call)
        self.forget(path)
        os.unlink(path)
        return number(OK) + self.changed(folder)

    def do_rmdir(self, call):
        folder, path = self.entry(call)
        before = dict(self.ids)
        self.forget(path)
        try:
            os.rmdir(path)
        except OSError:
            self.ids = before
            raise
        return number(OK) + self.changed(folder)

    def do_rename(self, call):
        folder, path = self.entry(call)
        other, new = self.entry(call)
        if os.path.lexists(new):
            self.forget(new)
        os.rename(path, new)
        self.renamed(path, new)
        return number(OK) + self.changed(folder) + self.changed(other)

    def do_link(self, call):
        path = self.path(call.bytes())
        folder, new = self.entry(call)
        os.link(path, new)
        return number(OK) + self.maybe(path) + self.changed(folder)

    def listing(self, call, is_plus):
        folder, cookie, _ = (
            self.path(call.bytes()), call.long(), call.long())
        room = call.number()
        if is_plus:
            room = call.number()
        if not os.path.isdir(folder):
            raise Failed(NOTDIR)
        answer = number(OK) + self.maybe(folder) + b'verifier'
        names = [b'.', b'..'] + sorted(os.listdir(folder))
        for i, name in enumerate(names[cookie:], cookie + 1):
            path = os.path.normpath(os.path.join(folder, name))
            entry = (number(1) + long(os.lstat(path).st_ino) + opaque(name)
                     + long(i))
            if is_plus:
                entry += (self.maybe(path) + number(1)
                          + opaque(self.handle(path)))
            if len(answer) + len(entry) + 8 > room:
                return answer + number(0) + number(0)
            answer += entry
        return answer + number(0) + number(1)

    def do_readdir(self, call):
        return self.listing(call, False)

    def do_readdirplus(self, call):
        return self.listing(call, True)

    def do_fsstat(self, call):
        path = self.path(call.bytes())
        s = os.statvfs(path)
        return (number(OK) + self.maybe(path)
                + long(s.f_blocks * s.f_frsize) + long(s.f_bfree * s.f_frsize)
                + long(s.f_bavail * s.f_frsize) + long(s.f_files)
                + long(s.f_ffree) + long(s.f_favail) + number(0))

    def do_fsinfo(self, call):
        path = self.path(call.bytes())
        return (number(OK) + self.maybe(path) + number(LARGEST) * 2
                + number(512) + number(LARGEST) * 2 + number(512)
                + number(8192) + long(1 << 40) + time(1) + number(0x1b))

    def do_pathconf(self, call):
        path = self.path(call.bytes())
        return (number(OK) + self.maybe(path) + number(32000) + number(255)
                + number(1) + number(0) + number(0) + number(1))

    def do_commit(self, call):
        path = self.path(call.bytes())
        return number(OK) + self.changed(path) + b'verifier'
