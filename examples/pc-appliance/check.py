#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause

"""Runs the appliance and fetches what it serves.

    check.py PROGRAM DISK FOLDER

FOLDER is what DISK was made of.  The exit status is 0 if each of its files
comes as it is there, and nothing that is not there.
"""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'checks'))

import serving  # noqa: E402
import web  # noqa: E402


serving.main(__file__, __doc__, 'appliance: ready', web.check, runs=2, uses=1)
