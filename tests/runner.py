#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Test the counter of tests with a program that fails in every way.

    tests/runner.py build/tests/test_fails
"""
import json
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True  # the sources stay as they are
import count  # noqa: E402

# how it fails: passed, failed, skipped
EXPECTED = {
    'passes': (2, 0, 0),
    'fails': (2, 1, 0),
    'crashes': (None, None, 0),  # at least one failure; the rest may be lost
    'ends': (1, 2, 0),
    'hides': (2, 1, 0),
    'silent': (0, 1, 0),
    'skips': (1, 0, 1),
}


def entry(program, how):
    """What Meson's log would say of the program."""
    env = dict(os.environ, CMOCKA_MESSAGE_OUTPUT='TAP')
    done = subprocess.run([program, how], env=env, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return {'name': how, 'result': 'FAIL' if done.returncode else 'OK',
            'returncode': done.returncode, 'stdout': done.stdout,
            'env': {'CMOCKA_MESSAGE_OUTPUT': 'TAP'}}


def log_status(lines):
    """The exit status and the last line of count.py on a log."""
    with tempfile.NamedTemporaryFile('w', suffix='.json') as log:
        log.writelines(json.dumps(line) + '\n' for line in lines)
        log.flush()
        done = subprocess.run([sys.executable, count.__file__, log.name],
                              text=True, stdout=subprocess.PIPE)
    return done.returncode, done.stdout.splitlines()[-1]


def main():
    program = sys.argv[1]
    cases = []
    for how, (passed, failed, skipped) in EXPECTED.items():
        got = count.count_program(entry(program, how))
        good = (got.skipped == skipped
                and (got.failed == failed if failed is not None
                     else got.failed >= 1)
                and (passed is None or got.passed == passed))
        cases.append((f'a program that {how}: {got}', good))
    late = dict(entry(program, 'passes'), result='TIMEOUT', returncode=-15)
    cases.append(('a program that runs out of time has failed',
                  count.count_program(late).failed == 1))
    plain = {'name': 'plain', 'env': {}, 'returncode': 1, 'result': 'FAIL'}
    cases.append(('a program without TAP counts as one',
                  count.count_program(plain).failed == 1))
    cases.append(('a run without tests has failed',
                  log_status([]) == (1, '0 passed, 1 failed, 0 skipped')))
    cases.append(('a run that only skips has failed',
                  log_status([{'name': 's', 'result': 'SKIP', 'env': {},
                               'returncode': 77}])
                  == (1, '0 passed, 1 failed, 1 skipped')))
    cases.append(('a run that passes has passed',
                  log_status([entry(program, 'passes')])
                  == (0, '2 passed, 0 failed, 0 skipped')))
    print(f'1..{len(cases)}')
    for number, (name, good) in enumerate(cases, 1):
        print(f'{"" if good else "not "}ok {number} - {name}')
    return 0 if all(good for _, good in cases) else 1


if __name__ == '__main__':
    sys.exit(main())
