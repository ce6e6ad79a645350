#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Count the test cases of a run: one line `N passed, N failed, N skipped`.

    tests/count.py BUILD/meson-logs/testlog.json

Meson counts programs; this counts the cases inside them, from the TAP that
they printed. Nothing is believed that was not seen: a case that the plan
promised and that never reported has failed, and so has a program without a
plan, one that was killed, one that ran out of time, and one whose exit status
is not 0 although no case failed (a sanitizer's finding, say). Programs that
do not speak TAP (their environment does not ask for it) count as one case. A
run without any case has failed.
"""
import json
import re
import sys

PLAN = re.compile(r'1\.\.(\d+)\s*(?:#\s*skip\b\s*(.*))?$', re.I)
CASE = re.compile(r'(not )?ok\b\s*(\d+)?\s*(?:-\s*)?(.*)$')
SKIP = re.compile(r'#\s*skip\b\s*(.*)$', re.I)


class Count:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.notes = []  # (what, why), in the order in which they came

    def fail(self, what, why, n=1):
        self.failed += n
        self.notes.append(('failed', what, why))

    def skip(self, what, why):
        self.skipped += 1
        self.notes.append(('skipped', what, why))

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.notes += other.notes

    def __str__(self):
        return (f'{self.passed} passed, {self.failed} failed, '
                f'{self.skipped} skipped')


def count_tap(name, text, status):
    """The cases of one program. `status`: its exit status, None if killed."""
    count = Count()
    planned = None
    seen = 0
    for line in text.splitlines():
        plan = PLAN.match(line)
        if plan:
            planned = (planned or 0) + int(plan[1])
            if plan[1] == '0' and plan[2] is not None:
                count.skip(name, plan[2])
            continue
        if line.startswith('Bail out!'):
            count.fail(name, line)
            continue
        case = CASE.match(line)
        if not case:
            continue
        seen += 1
        what = f'{name}: {case[3] or case[2]}'
        skip = SKIP.search(case[3])
        if skip:  # cmocka writes "not ok 3 # SKIP name"
            count.skip(name, skip[1] if case[1] else case[3])
        elif case[1]:
            count.fail(what, '')
        else:
            count.passed += 1
    if planned is None:
        count.fail(name, 'it ended without a plan of its cases')
    elif seen < planned:
        count.fail(name, f'{planned - seen} of {planned} cases never reported',
                   planned - seen)
    elif seen > planned:
        count.fail(name, f'{seen} cases reported, {planned} were planned')
    if status != 0 and count.failed == 0:
        count.fail(name, 'no case failed, yet the exit status is '
                   f'{"that of a kill" if status is None else status}')
    return count


def count_plain(name, result):
    count = Count()
    if result in ('OK', 'EXPECTEDFAIL'):
        count.passed += 1
    elif result == 'SKIP':
        count.skip(name, '')
    else:
        count.fail(name, result)
    return count


def count_program(test):
    """The cases of one entry of Meson's testlog.json."""
    name = test['name'].split(' / ')[-1]
    result = test.get('result', 'ERROR')
    if 'TAP' not in test.get('env', {}).get('CMOCKA_MESSAGE_OUTPUT', ''):
        return count_plain(name, result)
    status = test.get('returncode')
    if result in ('TIMEOUT', 'INTERRUPT'):
        status = None
    count = count_tap(name, test.get('stdout') or '', status)
    if result == 'TIMEOUT':
        count.notes.append(('failed', name, 'it ran out of time'))
    return count


def main():
    total = Count()
    for path in sys.argv[1:]:
        try:
            with open(path, encoding='utf-8', errors='replace') as log:
                for line in log:
                    total.add(count_program(json.loads(line)))
        except FileNotFoundError:
            total.fail('the run', 'it left no log: did the build fail?')
        except (OSError, ValueError) as error:
            total.fail(path, str(error))
    if total.passed + total.failed == 0:
        total.fail('the run', 'no test ran')
    for kind, what, why in total.notes:
        print(f'{kind}: {what}' + (f' ({why})' if why else ''))
    print(total)
    return 1 if total.failed else 0


if __name__ == '__main__':
    sys.exit(main())
