# SPDX-License-Identifier: BSD-2-Clause

"""What a program that uses tell.c says is in a file system."""

import re
import subprocess
import zlib


class Failure(Exception):
    """What is not as it must be."""


def of(files):
    """How it tells of these files and their directories."""
    lines = set()
    for name, content in files.items():
        lines.add(f'file {zlib.crc32(content):08x} ./{name}')
        while '/' in name:
            name = name.rpartition('/')[0]
            lines.add(f'dir - ./{name}')
    return lines


def boot(command):
    """Runs the program; returns its lists by their titles.

    Which inodes NetBSD has left is in them, too."""
    with subprocess.Popen(command, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE) as program:
        lists = {}
        current = None
        for line in program.stdout:
            text = line.decode('utf-8', 'replace').rstrip('\r\n')
            match = re.search(r'image: (.*)', text)
            inode = re.search(r'unable to cleanup inode (\d+)', text)
            if inode and current is not None:
                current.add(inode.group(0))
            if match and match.group(1).split()[0] not in (
                    'file', 'dir', 'link'):
                current = lists.setdefault(match.group(1), set())
            elif match and current is not None:
                current.add(match.group(1))
            else:
                print(text, flush=True)
    if program.returncode != 0:
        raise Failure(f'the program ended with {program.returncode}')
    return lists
