#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause

"""Runs a server and then a client of it:

    pair.py URL SERVER [ARG...] -- CLIENT [ARG...]

The server is given the URL first, the client's arguments have it for {url}.  All is
well if the client ends so and then the server says that its test has ended.
"""

import os
import subprocess
import sys


def main():
    url, server, *rest = sys.argv[1:]
    split = rest.index('--')
    client = rest[split + 1:]
    with subprocess.Popen([server, url, *rest[:split]], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True) as serving:
        for line in serving.stdout:
            print(line, end='', flush=True)
            if line.startswith('serving '):
                break
        try:
            status = subprocess.run(
                [word.replace('{url}', url) for word in client], timeout=100,
                env=dict(os.environ, RUMP_SERVER=url)).returncode
            output = serving.communicate(timeout=30)[0]
        except (OSError, subprocess.TimeoutExpired) as failure:
            serving.kill()
            sys.exit(f'not ok: {failure}')
    print(output, end='')
    if status != 0 or serving.returncode != 0:
        sys.exit(f'not ok: status {status} and {serving.returncode}')


main()
