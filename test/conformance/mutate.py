#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause

"""Runs the conformance tests against a broken host for each clause.

mutate.py [--except SECTION] PROGRAM [CLAUSE|SECTION...]

PROGRAM is the suite with mutants.c linked in; a section is C-MEM.  For each clause its tests run
with the mutant of that name, and must fail: by a check, a crash or a hang.
Tests that fail or are skipped without any mutant prove nothing and are told.
Exit status 0 only if each mutant was caught or skipped.
"""

import argparse
import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import clauses  # noqa: E402


class Run:
    """The end of the suite, run for one clause or, with None, for all."""

    def __init__(self, program, clause, mutant, timeout):
        env = dict(os.environ)
        env.setdefault("SIM_PROCESSORS", "1")
        for name, value in (("CLAUSE", clause), ("MUTANT", mutant)):
            env.pop(name, None)
            if value is not None:
                env[name] = value
        with tempfile.TemporaryDirectory() as folder:
            # What a process leaves behind that has been killed.
            env["CONFORMANCE_DIRECTORY"] = folder + "/"
            self.hung = False
            process = subprocess.Popen(
                [program], env=env, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                start_new_session=True)
            try:
                output, _ = process.communicate(timeout=timeout)
            except subprocess.TimeoutExpired:
                self.hung = True
                os.killpg(process.pid, 9)
                output, _ = process.communicate()
        self.status = process.returncode
        self.output = output.decode(errors="replace")

    def verdicts(self):
        """Maps clauses to "ok", "skip", "deviation" or "not ok"."""
        found = {}
        for verdict, names in re.findall(
            r"^(ok|skip|deviation|not ok) (C-[-A-Z0-9 ]*\d)\b", self.output,
            re.MULTILINE
        ):
            for clause in names.split():
                if found.get(clause, "ok") == "ok":
                    found[clause] = verdict
        return found

    def failure(self):
        """How it has failed, or None."""
        if self.hung or "# time is up" in self.output:
            return "hang", ""
        if self.status == 0:
            return None
        message = re.search(r"^# (C-\S+: .*)", self.output, re.MULTILINE)
        if message:
            return "check", re.sub(r"\S*/", "", message.group(1))
        panic = re.search(r"panic: .*", self.output)
        if panic:
            return "panic", panic.group(0)
        if self.status < 0:
            return "crash", f"signal {-self.status}"
        return "exit", f"status {self.status}"


def baseline(program, section, wanted, timeout):
    """What the tests say without a mutant."""
    found = Run(program, section, None, 60).verdicts()
    for clause in wanted:
        if found.get(clause) != "ok":
            run = Run(program, clause, None, timeout)
            found[clause] = run.verdicts().get(clause, "not ok")
    return found


def judge(program, clause, before, timeout):
    """Returns (caught, how, message)."""
    if before in ("skip", "deviation"):
        return True, before, ""
    if before != "ok":
        return False, "FAILS WITHOUT", ""
    failure = Run(program, clause, clause, timeout).failure()
    if failure is None:
        return False, "ESCAPED", ""
    return True, failure[0], failure[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program")
    parser.add_argument("clause", nargs="*")
    parser.add_argument("--except", dest="unwanted", default="C-NONE")
    # A mutant that hangs waits.
    parser.add_argument("--jobs", type=int, default=8)
    parser.add_argument("--timeout", type=float, default=5)
    args = parser.parse_args()
    program = os.path.abspath(args.program)
    broken = clauses.mutants()
    wanted = [
        c for c, _ in clauses.rows()
        if c in broken and not c.startswith(args.unwanted + "-")
        and (not args.clause or c in args.clause
             or c.rpartition("-")[0] in args.clause)]
    section = args.clause[0] if len(args.clause) == 1 else None
    before = baseline(program, section, wanted, args.timeout)

    def one(clause):
        return judge(program, clause, before.get(clause), args.timeout)

    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        results = list(pool.map(one, wanted))
    for clause, (_, how, message) in zip(wanted, results):
        print(f"{clause:10} {how:13} {message}"[:110].rstrip())
    missed = sum(not caught for caught, _, _ in results)
    print(f"{len(results)} mutants, {missed} not caught")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
