#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause

"""Uses the example from a host: check.py RUMP-REMOTE URL SERVER [ARG...]

@PORT@ in the words stands for a port that nobody uses.
"""

import os
import socket
import subprocess
import sys
import tempfile

KEY = 'not a secret, as it is in an example\n'


def fail(why):
    """Ends the test."""
    sys.exit(f'check: not ok: {why}')


class Client:
    """The program of the host, as one of the example's clients."""

    def __init__(self, tool, url, *options):
        self.command = [tool, *options, url]

    def run(self, *words, lines=None):
        """Its status, what it says and what it complains of."""
        done = subprocess.run(
            self.command + list(words), input=lines, capture_output=True,
            timeout=100, check=False)
        return done.returncode, done.stdout, done.stderr

    def says(self, expected, *words, lines=None):
        """A command that succeeds."""
        status, output, errors = self.run(*words, lines=lines)
        if status != 0 or expected is not None and output != expected:
            fail(f'{words}: {status} {output} {errors}')
        return output

    def complains(self, expected, *words):
        """A command that fails."""
        status, _, errors = self.run(*words)
        if status == 0 or expected.encode() not in errors:
            fail(f'{words}: {status} {errors}')


def file_size(url):
    """More than one copy of the server's takes; by a line, whose bytes QEMU
    counts one by one, unless LONG=1, more than that has room for."""
    is_line = url.startswith('serial:')
    return 20000 if is_line and os.environ.get('LONG') != '1' else 70000


def use(nobody, admin, stranger, folder, size):
    """All commands but halt."""
    local = os.path.join(folder, 'local')
    other = os.path.join(folder, 'other')
    content = bytes(i * 7 % 251 for i in range(size))
    with open(local, 'wb') as file:
        file.write(content)

    nobody.says(b'Hello from a board\n', 'cat', '/public/greeting')
    nobody.complains('Permission denied', 'put', local, '/public/file')
    nobody.complains('Operation not permitted', 'halt')
    stranger.complains('does not let this client in', 'ls')
    nobody.complains('No such file', 'cat', '/none')
    nobody.complains('usage', 'cat')
    nobody.complains('no such command', 'dance')

    admin.says(b'', 'put', local, '/public/file')
    admin.says(b'', 'get', '/public/file', other)
    with open(other, 'rb') as file:
        if file.read() != content:
            fail('the file has changed on its way')
    names = sorted(nobody.says(None, 'ls', '/public').split())
    if names != [b'file', b'greeting']:
        fail(names)
    line = nobody.says(None, 'ls', '-l', '/public/file').split()
    if line[:1] + line[2:5] != [b'-rw-r--r--', b'0', b'0', b'%d' % size]:
        fail(f'ls -l: {line}')
    if not nobody.says(None, 'ls', '-l', '/').count(b' public\n') == 1:
        fail('ls -l /')
    nobody.says(b'kern.ostype = NetBSD\n', 'sysctl', 'kern.ostype')
    nobody.says(b'kern.hostname = board\n', 'sysctl', 'kern.hostname')
    admin.says(b'', 'sysctl', 'kern.hostname=bench')
    nobody.complains('Operation not permitted', 'sysctl', 'kern.hostname=x')
    output = admin.says(None, lines=b'''mkdir /dir
put %s /dir/file
chmod 600 /dir/file
# a remark
ls -l /dir
sysctl kern.hostname
df /
rm /dir/file
rmdir /dir
sync
''' % local.encode()).split(b'\n')
    if not output[0].startswith(b'-rw------- ') \
            or not output[0].endswith(b' file') \
            or output[1] != b'kern.hostname = bench' \
            or b' KiB, ' not in output[2]:
        fail(output)
    nobody.complains('No such file', 'ls', '/dir')
    mounts(nobody, admin, local)
    # The kernel's root file system cannot do that.
    admin.complains('Operation not supported', 'mv', '/public/file', '/x')


def mounts(nobody, admin, local):
    """File systems come and go, with files that are copied there."""
    admin.says(b'', 'mkdir', '/disk')
    nobody.complains('Operation not permitted', 'mount', 'tmpfs', 'x', '/disk')
    admin.says(b'', 'mount', 'tmpfs', 'x', '/disk')
    if b'tmpfs on /disk type tmpfs' not in nobody.says(None, 'mount'):
        fail('mount')
    admin.says(b'', 'cp', 'host:' + local, '/disk/a')
    admin.says(b'', 'mkdir', '/disk/b')
    admin.says(b'', 'cp', '/disk/a', '/disk/b')
    admin.says(b'', 'cp', '/disk/b/a', 'host:' + local + '2')
    with open(local, 'rb') as one, open(local + '2', 'rb') as other:
        if one.read() != other.read():
            fail('the file has changed on three ways')
    nobody.complains('both are of the host', 'cp', 'host:a', 'host:b')
    admin.says(b'', 'umount', '/disk')
    nobody.complains('No such file', 'cat', '/disk/a')
    admin.complains('No such file', 'mount', 'tmpfs', 'x', '/none')
    admin.complains('what is mounted', 'mount', 'minix', 'x', '/disk')
    admin.says(b'', 'rmdir', '/disk')


def network(nobody, admin):
    """Where the kernel has one, QEMU's."""
    if b'    inet 10.0.2.15/24\n' not in nobody.says(None, 'ifconfig'):
        fail('ifconfig')
    if b'1 sent, 1 received' not in admin.says(None, 'ping', '10.0.2.2', '1'):
        fail('ping')
    admin.says(b'', 'ifconfig', 'lo0', '10.1.2.3/16')
    if b'    inet 10.1.2.3/16\n' not in nobody.says(None, 'ifconfig', 'lo0'):
        fail('ifconfig lo0')
    nobody.complains('Operation not permitted', 'ifconfig', 'lo0', 'down')
    admin.says(b'', 'ifconfig', 'lo0', 'delete', '10.1.2.3')
    if b'10.1.2.3' in nobody.says(None, 'ifconfig', 'lo0'):
        fail('ifconfig delete')
    nobody.complains('Device not configured', 'ifconfig', 'none0')


def arguments():
    """Those of the command line, with a port in them."""
    with socket.create_server(('127.0.0.1', 0)) as free:
        port = str(free.getsockname()[1])
    return [word.replace('@PORT@', port) for word in sys.argv[1:]]


def main():
    tool, url, *server = arguments()
    if not os.path.exists(tool):
        print('skipped: the simulator, with the program for hosts, is not '
              'built')
        return
    with tempfile.TemporaryDirectory() as folder, \
            subprocess.Popen(server, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT) as serving:
        key = os.path.join(folder, 'key')
        wrong = os.path.join(folder, 'wrong')
        for path, text in (key, KEY), (wrong, 'x' + KEY):
            with open(path, 'w', encoding='ascii') as file:
                file.write(text)
        try:
            for line in serving.stdout:
                print(line.decode(), end='', flush=True)
                if b'serving' in line:
                    break
            admin = Client(tool, url, '-k', key, '-u', 'admin')
            use(Client(tool, url), admin,
                Client(tool, url, '-k', wrong, '-u', 'admin'), folder,
                file_size(url))
            if url.startswith('tcp:'):
                network(Client(tool, url), admin)
            admin.says(b'', 'halt')
            output = serving.communicate(timeout=60)[0]
        except subprocess.TimeoutExpired as late:
            fail(late)
        finally:
            serving.terminate()
    print(output.decode(), end='')
    if b'server: done' not in output:
        fail('the server has not ended')
    print('check: all as expected')


main()
