#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause

"""Runs the appliance and fetches what it serves.

    check.py PROGRAM DISK FOLDER

FOLDER is what DISK was made of.  The exit status is 0 if each of its files
comes as it is there, and nothing that is not there.
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, '..', 'checks'))

import serving  # noqa: E402
import web  # noqa: E402


def main():
    """The command line."""
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    serving.check([os.path.join(HERE, 'run'), sys.argv[1], sys.argv[2]],
                  'appliance: ready', lambda port: web.check(port, sys.argv[3]))


main()
