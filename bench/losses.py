#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every loss on two sets of sequences: CoNLL-2000 and handwritten words.

    ./run bench losses [conll|ocr] [--folds N]

takes the sets from $BASIN_DATA (conll2000, taskar_ocr). CoNLL-2000: CRFsuite's
chunking template, F1 on the test set. Words: each of the ten folds trains and
the nine others test, as in the paper of the max-margin Markov nets (Taskar et
al. 2003); the error of letters is the mean of the ten, or of the first N. A
linear chain learns by SGD; a chain over the convolutional net of
examples/letters.yaml by Adam. CPU seconds (user and system) of training and
testing, one thread. The tables are also written to build/bench/losses.md.
"""
import gzip
import json
import os
import statistics
import subprocess
import sys

import chain

WORK = 'build/bench/losses'
NET = 'examples/letters.yaml'
NET_LOSSES = ('nll', 'hinge', 'margin-rescaling')
EPOCHS = {'conll': 10, 'ocr': 20}
FOLDS = 10


def losses():
    done = subprocess.run([chain.BASIN, 'list', 'loss'], check=True,
                          stdout=subprocess.PIPE, text=True)
    return [line.split()[0] for line in done.stdout.splitlines()
            if line.startswith('  ') and line[2] != ' ']


def train(loss, data, test, more):
    """CPU seconds, and how the model does on the test set."""
    out = f'{WORK}/out'
    command = [chain.BASIN, 'chain', 'train', '--quiet', '--threads', '1',
               '--loss', loss, '-m', f'{WORK}/model', '--json', '--test', test,
               *more, data]
    cpu = chain.run(command, out)[0]
    with open(out, encoding='ascii') as file:
        return cpu, json.load(file)['test']


def conll(folder, _):
    files = [f'{WORK}/conll.{name}' for name in ('train', 'test')]
    for name, file in zip(('train', 'test'), files):
        if not os.path.exists(file):
            chain.make_attributes(f'{folder}/{name}.txt.gz', file)
    text = chain.row(['CoNLL-2000', 'F1', 'accuracy', 'CPU s'])
    text += chain.row([':--', '--:', '--:', '--:'])
    more = ['--algorithm', 'sgd', '--epochs', str(EPOCHS['conll'])]
    for loss in losses():
        cpu, how = train(loss, *files, more)
        text += chain.row([loss, f'{100 * how["f1"]:.2f}',
                           f'{100 * how["accuracy"]:.2f}', f'{cpu:.1f}'])
    return text


def split(source, folds):
    """Each fold alone, and the nine others."""
    with gzip.open(source, 'rt') as lines:
        rows = [(int(line.split('\t', 6)[5]), line) for line in lines]
    for fold in range(folds):
        for name, keep in (('train', True), ('test', False)):
            with open(f'{WORK}/{name}.{fold}', 'w', encoding='ascii') as out:
                out.writelines(line for own, line in rows
                               if (own == fold) == keep)


def ocr(folder, folds):
    split(f'{folder}/letter.data.gz', folds)
    text = chain.row(['words', 'chain', 'error, %', 's.d. over folds',
                      'CPU s a fold'])
    text += chain.row([':--', ':--', '--:', '--:', '--:'])
    linear = ['--algorithm', 'sgd', '--epochs', str(EPOCHS['ocr'])]
    trials = [('linear', loss, linear) for loss in losses()]
    trials += [('linear, beta from 0.02', 'mee',
                linear + ['--beta-from', '0.02', '--beta-over', '15'])]
    trials += [('net', loss, ['--net', NET]) for loss in NET_LOSSES]
    for kind, loss, more in trials:
        cpu, error = [], []
        for fold in range(folds):
            used, how = train(loss, f'{WORK}/train.{fold}',
                              f'{WORK}/test.{fold}', more)
            cpu.append(used)
            error.append(100 * (1 - how['accuracy']))
        mean = sum(error) / folds
        spread = statistics.stdev(error) if folds > 1 else 0
        text += chain.row([loss, kind, f'{mean:.2f}', f'{spread:.2f}',
                           f'{sum(cpu) / folds:.1f}'])
    return text


def main():
    data = os.environ.get('BASIN_DATA', '')
    words = sys.argv[1:]
    folds = FOLDS
    if '--folds' in words:
        at = words.index('--folds')
        folds = int(words[at + 1])
        del words[at:at + 2]
    wanted = words or ['conll', 'ocr']
    parts = {'conll': (conll, 'conll2000'), 'ocr': (ocr, 'taskar_ocr')}
    os.makedirs(WORK, exist_ok=True)
    text = ''
    for name in wanted:
        if name not in parts:
            sys.exit(f'bench: losses takes conll and ocr; got {name}')
        work, folder = parts[name]
        if not os.path.isdir(f'{data}/{folder}'):
            print(f'skipped: {name}: BASIN_DATA has no {folder}')
            continue
        text += work(f'{data}/{folder}', folds) + '\n'
        print()
    with open('build/bench/losses.md', 'w', encoding='utf-8') as out:
        out.write(text)


if __name__ == '__main__':
    main()
