#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Chains beside CRFsuite on CoNLL-2000, in the same run.

    ./run bench chain           all of it
    ./run bench chain --quick   L-BFGS and tagging
    ./run bench chain --l1      with an L1 term, also beside Wapiti, on the
                                first 400 sentences; --sentences N: on others

takes the set from $BASIN_DATA/conll2000 (train.txt.gz, test.txt.gz) and
CRFsuite from $BASIN_PEERS or PATH, and says what it skips. Attributes are made
by CRFsuite's own chunking template. Programs run by turns, each alone. The
table, with CPU seconds (user and system), wall seconds and memory, is also
written to build/bench/chain.md.
"""
import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import time

WORK = 'build/bench/chain'
BASIN = 'build/basin'
WORDS = [(-2,), (-1,), (0,), (1,), (2,), (-1, 0), (0, 1)]
TAGS = [(-2,), (-1,), (0,), (1,), (2,), (-2, -1), (-1, 0), (0, 1), (1, 2),
        (-2, -1, 0), (-1, 0, 1), (0, 1, 2)]
TRIALS = [('L-BFGS, c2 = 1, to its stop', 'lbfgs', 'lbfgs', None),
          ('averaged perceptron, 50 epochs', 'perceptron', 'ap', 50),
          ('passive-aggressive, 50 epochs', 'pa', 'pa', 50),
          ('AROW, 50 epochs', 'arow', 'arow', 50),
          ('SGD, 30 epochs', 'sgd', 'l2sgd', 30)]


def attributes(tokens, at):
    """CRFsuite's chunking template at one position."""
    for column, name, offsets in ((0, 'w', WORDS), (1, 'pos', TAGS)):
        for group in offsets:
            if all(0 <= at + o < len(tokens) for o in group):
                left = '|'.join(f'{name}[{o}]' for o in group)
                right = '|'.join(tokens[at + o][column] for o in group)
                text = f'{left}={right}'
                yield text.replace('\\', '\\\\').replace(':', '\\:')
    if at == 0:
        yield '__BOS__'
    if at == len(tokens) - 1:
        yield '__EOS__'


def make_attributes(source, target):
    with gzip.open(source, 'rt', encoding='latin-1') as lines, \
            open(target, 'w', encoding='latin-1') as out:
        tokens = []
        for line in [*lines, '']:
            fields = line.split()
            if fields:
                tokens.append(fields)
                continue
            for at, token in enumerate(tokens):
                out.write('\t'.join([token[2], *attributes(tokens, at)]))
                out.write('\n')
            if tokens:
                out.write('\n')
            tokens = []


def run(command, out, both=False):
    """CPU seconds, wall seconds, megabytes of one program, run alone."""
    with open(out, 'wb') as file:
        start = time.monotonic()
        child = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT
                                 if both else subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = status
    if status:
        sys.exit(f'bench: {" ".join(command)} failed: {status}')
    return (usage.ru_utime + usage.ru_stime, time.monotonic() - start,
            usage.ru_maxrss / 1024)


def evaluate(model, test):
    done = subprocess.run([BASIN, 'chain', 'evaluate', '--json', '-m', model,
                           test], stdout=subprocess.PIPE, check=True)
    return f'{100 * json.loads(done.stdout)["f1"]:.2f}'


def objective(path, algorithm):
    """What L-BFGS reached, of either program."""
    if algorithm != 'lbfgs':
        return ''
    with open(path, encoding='latin-1') as file:
        text = file.read()
    if text.startswith('{'):
        return f'{json.loads(text)["objective"]:.2f}'
    return f'{float(text.rsplit("Loss: ", 1)[1].split()[0]):.2f}'


def reach(options, train, goal, model):
    """Ours to an objective, in a run that ends there; the iteration comes from
    a first run. @return it, and what `run` says; or None: it is not reached"""
    command = [BASIN, 'chain', 'train', '-m', model, *options]
    child = subprocess.Popen([*command, train], stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE, text=True)
    iteration = None
    for line in child.stderr:
        words = line.split()
        if words[1:2] == ['objective'] and float(words[2]) <= goal:
            iteration = words[0]
            child.kill()
            break
    child.wait()
    return iteration and (iteration, run(
        [*command, '--quiet', '--json', '--epochs', iteration, train],
        f'{model}.txt'))


def beside(mine, peer, form):
    """Of CPU and wall seconds ours, the peer's, and the ratio; the memory."""
    cells = []
    for a, b in zip(mine[:2], peer[:2]):
        cells += [form.format(a), form.format(b), f'{b / a:.1f}']
    return cells + [f'{mine[2]:.0f}', f'{peer[2]:.0f}']


def row(cells):
    print('| ' + ' | '.join(cells) + ' |', flush=True)
    return '| ' + ' | '.join(cells) + ' |\n'


def compare(crfsuite, train, test, quick):
    head = ('what', 'CPU s', 'CRFsuite', 'ratio', 'wall s', 'CRFsuite',
            'ratio', 'MB', 'CRFsuite', 'F1', 'CRFsuite', 'objective',
            'CRFsuite')
    text = row(head) + row([':--'] + ['--:'] * (len(head) - 1))
    for what, ours, theirs, epochs in TRIALS[:1] if quick else TRIALS:
        models = [f'{WORK}/basin.{ours}', f'{WORK}/crfsuite.{ours}']
        more = ['--epochs', str(epochs)] if epochs else []
        mine = run([BASIN, 'chain', 'train', '--quiet', '--json', '-m',
                    models[0], '--algorithm', ours, *more, train],
                   models[0] + '.txt')
        peer = run([crfsuite, 'learn', '-m', models[1], '-a', theirs, '-p',
                    f'max_iterations={epochs}' if epochs else 'c2=1', train],
                   models[1] + '.txt')
        cells = [what, *beside(mine, peer, '{:.2f}')]
        cells += [evaluate(model, test) for model in models]
        cells += [objective(model + '.txt', ours) for model in models]
        text += row(cells)
        if ours == 'lbfgs':
            text += to_goal(cells, peer, train, float(cells[-1]))
    return text + compare_tagging(crfsuite, test)


def to_goal(whole, peer, train, goal):
    """As far as CRFsuite's last objective, from the reading of the data to the
    writing of the model."""
    model = f'{WORK}/basin.goal'
    n, mine = reach([], train, goal, model) or sys.exit(
        f'bench: no iteration comes down to {goal}')
    return row([f"to CRFsuite's objective, {n} iterations",
                *beside(mine, peer, '{:.2f}'), *whole[9:11],
                objective(f'{model}.txt', 'lbfgs'), whole[12]])


def best_of(command, out, rounds=7):
    """Each number at its least: short runs vary."""
    return [min(times) for times in
            zip(*(run(command, out) for _ in range(rounds)))]


def compare_tagging(crfsuite, test):
    """CRFsuite's model as it is, and the same one in our format."""
    theirs, ours = f'{WORK}/crfsuite.lbfgs', f'{WORK}/crfsuite.basin'
    subprocess.run([BASIN, 'chain', 'convert', '-m', ours, theirs], check=True)
    with open(test, 'rb') as file:
        tokens = sum(len(line) > 1 for line in file)
    peer = best_of([crfsuite, 'tag', '-m', theirs, test],
                   f'{WORK}/crfsuite.tags')
    text = ''
    for what, model in (("CRFsuite's model", theirs), ('our format', ours)):
        mine = best_of([BASIN, 'chain', 'tag', '--threads', '1', '-m', model,
                        test], f'{WORK}/basin.tags')
        with open(f'{WORK}/basin.tags', 'rb') as a, \
                open(f'{WORK}/crfsuite.tags', 'rb') as b:
            same = 'equal labels' if a.read() == b.read() else 'LABELS DIFFER'
        cells = [f'tagging, {what}, {tokens / mine[0]:,.0f} tokens a CPU '
                 f'second to {tokens / peer[0]:,.0f}: {same}']
        text += row(cells + beside(mine, peer, '{:.3f}') + [''] * 4)
    return text


def first_sentences(source, target, n):
    """The first n sentences; and the same for Wapiti, each attribute as it
    stands a unigram feature, and a bigram feature at every position."""
    with open(source, encoding='latin-1') as lines, \
            open(target, 'w', encoding='latin-1') as out, \
            open(target + '.wapiti', 'w', encoding='latin-1') as wapiti:
        for line in lines:
            out.write(line)
            fields = line.rstrip('\n').split('\t')
            if len(fields) > 1:
                fields = [*('u:' + a for a in fields[1:]), 'b', fields[0]]
            wapiti.write(' '.join(fields) + '\n')
            n -= line == '\n'
            if n == 0:
                break


def compare_l1(peer, train):
    """Each peer to its stop, and ours to the same objective or a lower one.
    Wapiti has all pairs of attributes and labels; its own first stop, by the
    errors it makes, is left out, since it is far from the minimum."""
    row(('L1, c1 = 1', 'objective', 'CPU s', 'ours', 'CPU s', 'ratio'))
    row([':--'] + ['--:'] * 5)
    for name, features, command in (
            ('CRFsuite', 'observed',
             ['learn', '-a', 'lbfgs', '-p', 'c1=1', '-p', 'c2=0', '-m',
              f'{WORK}/crfsuite.l1', train]),
            ('Wapiti', 'all',
             ['train', '-a', 'l-bfgs', '--rho1', '1', '--rho2', '0', '-t', '1',
              '--stopwin', '1000000', '--objwin', '10', '--stopeps', '1e-5',
              train + '.wapiti', f'{WORK}/wapiti.l1'])):
        program = peer(name.lower())
        if not program:
            print(f'bench: SKIPPED: no {name}')
            continue
        out = f'{WORK}/{name}.l1.txt'
        theirs = run([program, *command], out, both=True)
        with open(out, encoding='latin-1') as file:
            found = re.findall(r'(?:Loss: |obj=)([0-9.]+)', file.read())
        cells = [f'{name}, {features} features', f'{float(found[-1]):.4f}',
                 f'{theirs[0]:.1f}']
        model = f'{WORK}/basin.l1'
        ours = reach(['--threads', '1', '--c1', '1', '--c2', '0', '--delta',
                      '0', '--features', features], train, float(found[-1]),
                     model)
        if ours:
            cpu = ours[1][0]
            with open(f'{model}.txt', encoding='utf-8') as file:
                got = json.load(file)['objective']
            cells += [f'{got:.4f}', f'{cpu:.1f}', f'{theirs[0] / cpu:.1f}']
        row(cells if ours else [*cells, 'not reached', '', ''])


def main():
    data = os.path.join(os.environ.get('BASIN_DATA', ''), 'conll2000')
    peers = os.environ.get('BASIN_PEERS')

    def peer(name):
        found = shutil.which(name, path=peers) if peers else None
        return found or shutil.which(name)

    crfsuite = peer('crfsuite')
    if not os.path.exists(f'{data}/train.txt.gz'):
        sys.exit('bench: SKIPPED: there is no $BASIN_DATA/conll2000')
    if not crfsuite:
        sys.exit('bench: SKIPPED: crfsuite is neither in $BASIN_PEERS nor on '
                 'PATH')
    os.makedirs(WORK, exist_ok=True)
    for part in ('train', 'test'):
        make_attributes(f'{data}/{part}.txt.gz', f'{WORK}/{part}.txt')
    if '--l1' in sys.argv:
        n = 400
        if '--sentences' in sys.argv:
            n = int(sys.argv[sys.argv.index('--sentences') + 1])
        first_sentences(f'{WORK}/train.txt', f'{WORK}/first.txt', n)
        compare_l1(peer, f'{WORK}/first.txt')
        return
    text = compare(crfsuite, f'{WORK}/train.txt', f'{WORK}/test.txt',
                   '--quick' in sys.argv)
    with open('build/bench/chain.md', 'w', encoding='utf-8') as file:
        file.write(text)


if __name__ == '__main__':
    main()
