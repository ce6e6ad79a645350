#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A net of LeNet-5's size in PyTorch, for comparison with bench/digits.c.

The same net, pictures of the same size, loss, minibatches and optimiser. Each
case tries three styles, and reports the fastest: as PyTorch's guides write it,
with Adam's updates fused over all tensors (foreach), and with channels last.

    python3 bench/digits_torch.py [CASE...]

prints one JSON object a line: case, samples_per_second, style, threads.
"""
import json
import sys
import time

import torch
from torch import nn

SECONDS = 2.0  # that a case is measured at least
N, SIDE, LABELS, BATCH, RATE = 2048, 28, 10, 64, 0.001
CASES = {'lenet-adam64-1thread': 1, 'lenet-adam64-2threads': 2}

torch.manual_seed(1)
X = torch.rand(N, 1, SIDE, SIDE)
Y = torch.arange(N) % LABELS


def net():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.MaxPool2d(2), nn.ReLU(),
        nn.Conv2d(6, 16, 5), nn.MaxPool2d(2), nn.ReLU(), nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(),
        nn.Linear(84, LABELS))


def samples_per_second(style, threads):
    torch.set_num_threads(threads)
    model, x = net(), X
    if style == 'channels-last':
        model = model.to(memory_format=torch.channels_last)
        x = x.contiguous(memory_format=torch.channels_last)
    optimiser = torch.optim.Adam(model.parameters(), lr=RATE,
                                 foreach=style != 'plain')
    loss = nn.CrossEntropyLoss()

    def epoch():
        for i in torch.randperm(N).split(BATCH):
            optimiser.zero_grad(set_to_none=True)
            loss(model(x[i]), Y[i]).backward()
            optimiser.step()

    epoch()  # warm up
    samples, begun = 0, time.perf_counter()
    while True:
        epoch()
        samples += N
        seconds = time.perf_counter() - begun
        if seconds >= SECONDS:
            return samples / seconds


def main():
    for case in sys.argv[1:] or CASES:
        if case not in CASES:
            sys.exit(f'there is no case {case}; there are: {", ".join(CASES)}')
        threads = CASES[case]
        best = max((samples_per_second(style, threads), style)
                   for style in ('plain', 'foreach', 'channels-last'))
        print(json.dumps({'case': case, 'samples_per_second': round(best[0]),
                          'style': best[1], 'threads': threads}), flush=True)


if __name__ == '__main__':
    main()
