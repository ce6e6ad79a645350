#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How chains grow: time and memory over tokens, and time over labels.

    ./run bench growth

Tokens: copies of CoNLL-2000 ($BASIN_DATA/conll2000) up to 100,000 sentences,
each copy with other words in the place of one in four, under a template of
CRF++'s kind; 5 epochs of SGD and 10 iterations of L-BFGS on one thread. Labels:
2,000 tokens with 10 to 1,000 labels, each token with the attribute that its
label gave it and two of noise; 5 iterations (and the epochs, where there are
fewer pairs of labels than tokens). Each is a process alone: CPU seconds (user
and system) and the largest resident memory. Writes build/bench/growth.md, and
draws docs/growth.png.
"""
import gzip
import json
import os
import random
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor

import chain

WORK = 'build/bench/growth.data'  # bench/growth is the program that draws
SENTENCES = (2234, 4468, 8936, 17872, 35744, 71488, 100000)
LABELS = (10, 30, 100, 300, 1000)
TEMPLATE = [f'U{i:02}:%x[{row},0]' for i, row in enumerate(range(-2, 3))]
TEMPLATE += ['U05:%x[-1,0]/%x[0,0]', 'U06:%x[0,0]/%x[1,0]']
TEMPLATE += [f'U{i + 10}:%x[{row},1]' for i, row in enumerate(range(-2, 3))]
TEMPLATE += ['U15:%x[-2,1]/%x[-1,1]', 'U16:%x[-1,1]/%x[0,1]',
             'U17:%x[0,1]/%x[1,1]', 'U18:%x[1,1]/%x[2,1]', 'B']


def read_sentences(path):
    with gzip.open(path, 'rt', encoding='latin-1') as file:
        blocks = file.read().strip().split('\n\n')
    return [[line.split() for line in block.split('\n')] for block in blocks]


def write_copies(source, n, path):
    """n sentences; @return tokens."""
    sentences = read_sentences(source)
    tokens = 0
    with open(path, 'w', encoding='latin-1') as out:
        for i in range(n):
            copy, which = divmod(i, len(sentences))
            for at, (word, tag, label) in enumerate(sentences[which]):
                if copy and (at + which + copy) % 4 == 0:
                    word += f'~{copy}'
                out.write(f'{word} {tag} {label}\n')
            tokens += len(sentences[which])
            out.write('\n')
    return tokens


def write_labels(labels, path, tokens=2000, length=20):
    draw = random.Random(labels)
    with open(path, 'w', encoding='ascii') as out:
        for at in range(tokens):
            label = at if at < labels else draw.randrange(labels)
            noise = '\t'.join(f'n{draw.randrange(50)}' for _ in range(2))
            out.write(f'L{label}\ta{label}\t{noise}\n')
            if at % length == length - 1:
                out.write('\n')


def apart(function, *arguments):
    """Call it in a process of its own: what is trained afterwards counts this
    one's memory as its own, which so stays small."""
    with ProcessPoolExecutor(1) as pool:
        return pool.submit(function, *arguments).result()


def train(data, more):
    """CPU seconds, megabytes and what the program says of itself."""
    out = f'{WORK}/out'
    cpu, _, memory = chain.run(
        [chain.BASIN, 'chain', 'train', '--json', '--quiet', '--threads', '1',
         '--delta', '0', '-m', f'{WORK}/model', *more, data], out)
    with open(out, encoding='ascii') as file:
        return cpu, memory, json.load(file)


def over_tokens(folder):
    with open(f'{WORK}/template', 'w', encoding='ascii') as out:
        out.write('\n'.join(TEMPLATE) + '\n')
    text = chain.row(['sentences', 'tokens', 'features', 'CPU s', 'MB',
                      'CPU s a million tokens'])
    text += chain.row(['--:'] * 6)
    points = []
    for n in SENTENCES:
        tokens = apart(write_copies, f'{folder}/train.txt.gz', n,
                       f'{WORK}/data')
        cpu, memory, said = train(f'{WORK}/data', [
            '--template', f'{WORK}/template', '--epochs', '10'])
        points.append((tokens / 1e6, cpu, memory))
        text += chain.row([f'{n:,}', f'{tokens:,}', f'{said["features"]:,}',
                           f'{cpu:.1f}', f'{memory:.0f}',
                           f'{1e6 * cpu / tokens:.1f}'])
    return text, points


def over_labels():
    text = chain.row(['labels', 'features', 'CPU s', 'MB'])
    text += chain.row(['--:'] * 4)
    points = []
    for labels in LABELS:
        write_labels(labels, f'{WORK}/data')
        cpu, memory, said = train(f'{WORK}/data', ['--features', 'all',
                                                   '--epochs', '5'])
        points.append((labels, cpu, memory))
        text += chain.row([str(labels), f'{said["features"]:,}', f'{cpu:.2f}',
                           f'{memory:.0f}'])
    return text, points


def lines(title, x, y, points, column):
    yield f'chart\t{title}\t{x}\t{y}\n'
    yield 'series\tmeasured\n'
    for point in points:
        yield f'point\t{point[0]}\t{point[column]}\n'


def main():
    os.makedirs(WORK, exist_ok=True)
    folder = os.path.join(os.environ.get('BASIN_DATA', ''), 'conll2000')
    if not os.path.isdir(folder):
        sys.exit('bench: SKIPPED: there is no $BASIN_DATA/conll2000')
    text, tokens = over_tokens(folder)
    more, labels = over_labels()
    with open('build/bench/growth.md', 'w', encoding='utf-8') as out:
        out.write(text + '\n' + more)
    drawing = ''.join([
        *lines('Time over tokens', 'million tokens', 'CPU s', tokens, 1),
        *lines('Memory over tokens', 'million tokens', 'MB', tokens, 2),
        *lines('Time over labels', 'labels', 'CPU s', labels, 1)])
    subprocess.run(['build/bench/growth', 'docs/growth.png'], input=drawing,
                   text=True, check=True)


if __name__ == '__main__':
    main()
