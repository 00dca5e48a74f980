#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause

"""Compares the clauses of doc/contract.md with the tests and the mutants.

Every clause must have a test that names it and a mutant that breaks it; a
clause whose row says "(no mutant: reason)" needs no mutant.  Prints what is
missing, and what names a clause that does not exist; exit status 1 if there is
anything.
"""

import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
CONTRACT = HERE.parent.parent / "doc" / "contract.md"
CLAUSE = r"C-[A-Z]+-\d+"


def rows():
    """Yields (clause, row) of the contract."""
    for line in CONTRACT.read_text().splitlines():
        match = re.match(rf"\| ({CLAUSE}) \|", line)
        if match:
            yield match.group(1), line


def tests():
    """Maps clauses to the names of their tests."""
    found = {}
    for path in sorted(HERE.glob("*.c")):
        for clauses, name in re.findall(
            r'TEST\("([^"]*)",\s*(\w+)\)', path.read_text()
        ):
            for clause in clauses.split():
                found.setdefault(clause, []).append(name)
    return found


def mutants():
    text = (HERE / "mutants.c").read_text()
    return set(re.findall(
        rf'(?:MUTANT|KEEPING_CPU)\(\s*"({CLAUSE})"', text
    ))


def main():
    contract = list(rows())
    clauses = {clause for clause, _ in contract}
    tested = tests()
    broken = mutants()
    problems = []

    seen = set()
    for clause, row in contract:
        if clause in seen:
            problems.append(f"{clause}: stands twice in the contract")
        seen.add(clause)
        if clause not in tested:
            problems.append(f"{clause}: no test")
        if clause not in broken and "(no mutant: " not in row:
            problems.append(f"{clause}: no mutant")
    for clause in sorted(set(tested) - clauses):
        problems.append(f"{clause}: tested, but not in the contract")
    for clause in sorted(broken - clauses):
        problems.append(f"{clause}: has a mutant, but is not in the contract")

    for problem in problems:
        print(problem)
    names = {name for names in tested.values() for name in names}
    print(f"{len(clauses)} clauses, {len(names)} tests, "
          f"{len(broken)} mutants")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
