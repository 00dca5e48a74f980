# SPDX-License-Identifier: BSD-2-Clause

"""Counts instructions of the host between marks, by valgrind."""

import os
import re
import shutil
import statistics
import subprocess
import tempfile


def has_valgrind():
    """Whether anything can be counted here."""
    return shutil.which('valgrind') is not None


def medians(console, profile):
    """Returns {region: instructions each time}, the median of its rounds.

    Of the profile's parts the last one is what runs after the last region.
    """
    names = re.findall(r'^BENCH REGION ([\w:]+) (\d+)', console, re.MULTILINE)
    totals = re.findall(r'^totals: (\d+)', profile, re.MULTILINE)[:-1]
    if len(names) != len(totals):
        raise ValueError(f'there are {len(names)} regions, in the profile '
                         f'{len(totals)}')
    rounds = {}
    for (name, times), total in zip(names, totals):
        rounds.setdefault(name, []).append(int(total) / int(times))
    return {name: statistics.median(counts)
            for name, counts in rounds.items()}


def run(program, timeout):
    """Returns the output of a program of the simulator, on one processor, and
    its regions as medians() does; threads take turns, so it tells of all."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, 'profile')
        console = subprocess.run(
            ['valgrind', '--tool=callgrind', '--combine-dumps=yes',
             '--zero-before=bench_begin', '--dump-before=bench_end',
             f'--callgrind-out-file={out}', os.path.abspath(program)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL, timeout=timeout, text=True,
            errors='replace', check=False, cwd=folder,
            env={**os.environ, 'SIM_PROCESSORS': '1'}).stdout
        if not os.path.exists(out):
            return console, {}
        with open(out, encoding='utf-8') as profile:
            return console, medians(console, profile.read())
