#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Run a benchmark of Basin and its twin in PyTorch, and compare.

    python3 bench/compare.py demos      (./run bench demos builds it first)

Both programs run by turns, five times each, so that what else the machine does
meets both alike. The table shows, for each case, the medians and the ratio of
the two, round by round. It is also written to build/bench/NAME.md.
"""
import json
import platform
import statistics
import subprocess
import sys

ROUNDS = 5

# What the names of the cases mean.
NOTES = {
    'demos': '-sgd1: one sample an update, -adam20: minibatches of 20',
    'digits': 'a net of 61,706 weights on pictures of 28 x 28, minibatches '
              'of 64, Adam',
    'langevin': 'a net 2-64-64-1 of the answer, unadjusted Langevin dynamics',
}

# What is counted, where it is not samples.
UNITS = {'langevin': 'chain steps'}


def measure(command):
    """{case: samples, or what is counted, a second}, from JSON lines."""
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True,
                          check=True)
    lines = (json.loads(line) for line in done.stdout.splitlines())
    return {line['case']: value for line in lines
            for key, value in line.items() if key.endswith('_per_second')}


def processor():
    try:
        with open('/proc/cpuinfo', encoding='utf-8') as info:
            names = [line.split(':')[1].strip() for line in info
                     if line.startswith('model name')]
        return f'{names[0]}, {len(names)} processors'
    except (OSError, IndexError):
        return platform.machine()


def table(ours, theirs, unit):
    """Lines of Markdown; ours and theirs: one {case: speed} a round."""
    head = ('case', f'Basin, {unit}/s', f'PyTorch, {unit}/s',
            'ratio min', 'median', 'max')
    rows = [head]
    for case in ours[0]:
        mine = [speeds[case] for speeds in ours]
        twin = [speeds[case] for speeds in theirs]
        ratios = [a / b for a, b in zip(mine, twin)]
        rows.append((case, f'{statistics.median(mine):,.0f}',
                     f'{statistics.median(twin):,.0f}', f'{min(ratios):.1f}',
                     f'{statistics.median(ratios):.1f}', f'{max(ratios):.1f}'))
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        lines.append('| ' + ' | '.join(cells) + ' |')
    rule = [':' + '-' * (widths[0] - 1)]
    rule += ['-' * (width - 1) + ':' for width in widths[1:]]
    lines.insert(1, '| ' + ' | '.join(rule) + ' |')
    return lines


def main():
    name = sys.argv[1] if len(sys.argv) > 1 else 'demos'
    ours, theirs = [], []
    for turn in range(ROUNDS):
        print(f'round {turn + 1} of {ROUNDS}', file=sys.stderr)
        ours.append(measure([f'build/bench/{name}']))
        theirs.append(measure([sys.executable, f'bench/{name}_torch.py',
                               *ours[0]]))
    lines = table(ours, theirs, UNITS.get(name, 'samples'))
    lines += ['', f'{processor()}; medians and ratios of {ROUNDS} rounds by '
              f'turns; {NOTES[name]}.']
    text = '\n'.join(lines) + '\n'
    with open(f'build/bench/{name}.md', 'w', encoding='utf-8') as out:
        out.write(text)
    print(text, end='')


if __name__ == '__main__':
    main()
