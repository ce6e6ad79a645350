#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Langevin dynamics in PyTorch, for comparison with bench/langevin.c.

The same net, chains and step, written twice: with autograd, and lean, with
the slope by hand and updates in place. Each case tries both, with one thread
and with two, and reports the fastest.

    python3 bench/langevin_torch.py [CASE...]

prints one JSON object a line: case, chain_steps_per_second, style, threads.
"""
import itertools
import json
import sys
import time

import torch
from torch import nn

SECONDS, STEPS = 1.0, 100
DIM, HIDDEN, H, EDGE = 2, 64, 0.01, 4.0
CASES = {'chains1000': 1000, 'chains100': 100}


def reflect(y):
    """Into [-EDGE, EDGE], for steps that are shorter than the box."""
    torch.where(y > EDGE, 2 * EDGE - y, y, out=y)
    torch.where(y < -EDGE, -2 * EDGE - y, y, out=y)


def make_net():
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(DIM, HIDDEN), nn.Tanh(),
                         nn.Linear(HIDDEN, HIDDEN), nn.Tanh(),
                         nn.Linear(HIDDEN, 1)).requires_grad_(False)


def autograd(net, y):
    """The slope of the summed energies, as anyone would write it."""
    def step():
        y.requires_grad_(True)
        slope, = torch.autograd.grad(net(y).sum(), y)
        y.requires_grad_(False)
        y.sub_(slope, alpha=H / 2).add_(torch.randn_like(y), alpha=H ** .5)
        reflect(y)
    return step


def lean(net, y):
    """The slope by the chain rule, all in buffers made once."""
    first, second, last = net[0], net[2], net[4]
    n = len(y)
    a, b, c = (torch.empty(n, HIDDEN) for _ in range(3))
    slope, noise = torch.empty(n, DIM), torch.empty(n, DIM)

    def step():
        torch.addmm(first.bias, y, first.weight.T, out=a).tanh_()
        torch.addmm(second.bias, a, second.weight.T, out=b).tanh_()
        torch.addmm(last.bias, b, last.weight.T)  # the energies
        torch.mul(b, b, out=b).neg_().add_(1).mul_(last.weight)
        torch.mm(b, second.weight, out=c)
        torch.mul(a, a, out=a).neg_().add_(1).mul_(c)
        torch.mm(a, first.weight, out=slope)
        y.sub_(slope, alpha=H / 2).add_(noise.normal_(), alpha=H ** .5)
        reflect(y)
    return step


def chain_steps_per_second(case, style, threads):
    torch.set_num_threads(threads)
    chains = CASES[case]
    step = style(make_net(), torch.zeros(chains, DIM))
    for _ in range(STEPS):  # warm up
        step()
    done, begun = 0, time.perf_counter()
    while True:
        for _ in range(STEPS):
            step()
        done += STEPS * chains
        seconds = time.perf_counter() - begun
        if seconds >= SECONDS:
            return done / seconds


def main():
    for case in sys.argv[1:] or CASES:
        if case not in CASES:
            sys.exit(f'there is no case {case}; there are: {", ".join(CASES)}')
        best = max((chain_steps_per_second(case, style, threads),
                    style.__name__, threads)
                   for style, threads in itertools.product((autograd, lean),
                                                           (1, 2)))
        print(json.dumps({'case': case,
                          'chain_steps_per_second': round(best[0]),
                          'style': best[1], 'threads': best[2]}), flush=True)


if __name__ == '__main__':
    main()
