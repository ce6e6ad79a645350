#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The four demonstrations in PyTorch, for comparison with bench/demos.c.

The same nets, data, losses and updates, written twice: as a model of
nn.Sequential with torch.optim, and lean, with bare tensors and an update by
hand. Everything that can run over the whole grid and batch at once does. Each
case tries both, with one thread and with two, and reports the fastest.

    python3 bench/demos_torch.py [CASE...]

prints one JSON object a line: case, samples_per_second, style, threads.
"""
import itertools
import json
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

SECONDS = 0.5          # that a case is measured at least
N, POINTS = 200, 101   # samples, points of the grid of Y
LOW, HIGH = -0.5, 1.5  # of Y
DISTANCE, MARGIN, BETA = 0.3, 2.0, 1.0
RATE_SGD, RATE_ADAM = 0.003, 0.01
BATCH = 20

# bench/demos.c has the same points: a low-discrepancy walk over [-1, 1].
X = (torch.arange(N, dtype=torch.float64) * 0.6180339887498949 % 1 * 2 - 1)
X = X.float().unsqueeze(1)
Y = X * X
GRID = torch.linspace(LOW, HIGH, POINTS).unsqueeze(1)
NEAR = (GRID.T - Y).abs() < DISTANCE  # (N, POINTS): no incorrect answer there


# ------------------------------------------------------------- the two styles

def start(linear):
    """Initial weights as in the demonstrations."""
    first, second = linear
    for layer, spread in ((first, 0.3), (second, 0.45)):
        nn.init.uniform_(layer.weight, -spread, spread)
        nn.init.uniform_(layer.bias, -0.1, 0.1)


class Model:
    """nn.Sequential, loss.backward(), torch.optim."""

    def __init__(self, sizes, adam):
        self.nets, self.params = [], []
        for n_in, n_hidden, n_out in sizes:
            net = nn.Sequential(nn.Linear(n_in, n_hidden), nn.Tanh(),
                                nn.Linear(n_hidden, n_out))
            start((net[0], net[2]))
            self.nets.append(net)
            self.params += net.parameters()
        if adam:
            self.optimiser = torch.optim.Adam(self.params, lr=RATE_ADAM)
        else:
            self.optimiser = torch.optim.SGD(self.params, lr=RATE_SGD)

    def update(self, loss):
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser.step()


class Lean(Model):
    """Bare tensors; gradients by autograd.grad; SGD in one call by hand."""

    def __init__(self, sizes, adam):
        super().__init__(sizes, adam)
        self.by_hand = not adam
        self.nets = [self.net(net) for net in self.nets]

    @staticmethod
    def net(model):
        w1, b1, w2, b2 = model.parameters()

        def forward(v):
            return F.linear(torch.tanh(F.linear(v, w1, b1)), w2, b2)
        return forward

    def update(self, loss):
        if not self.by_hand:
            super().update(loss)
            return
        grads = torch.autograd.grad(loss, self.params)
        with torch.no_grad():
            torch._foreach_add_(self.params, grads, alpha=-RATE_SGD)


# ----------------------------------------------------------------- the losses

def regression(nets, i):
    """E = |G(x) - y|, mean of E^2."""
    e = (nets[0](X[i]) - Y[i]).abs()
    return e.square().mean()


def collapse(nets, i):
    """E = |G1(x) - G2(y)|_1, mean of E^2."""
    e = (nets[0](X[i]) - nets[1](Y[i])).abs().sum(1)
    return e.square().mean()


def margin(nets, i):
    """E_C^2 + max(0, m - E_I)^2, E_I the lowest at a distance >= 0.3."""
    gx = nets[0](X[i])
    with torch.no_grad():  # search first, then differentiate at two answers
        energies = torch.cdist(gx, nets[1](GRID), p=1)
        offender = energies.masked_fill(NEAR[i], float('inf')).argmin(1)
    gy = nets[1](torch.cat([Y[i], GRID[offender]]))
    e_c = (gx - gy[:len(gx)]).abs().sum(1)
    e_i = (gx - gy[len(gx):]).abs().sum(1)
    return (e_c.square() + F.relu(MARGIN - e_i).square()).mean()


def nll(nets, i):
    """E_C + (1/beta) log sum_y exp(-beta E_y), the sum over the grid."""
    gx = nets[0](X[i])
    gy = nets[1](torch.cat([Y[i], GRID]))
    e_c = (gx - gy[:len(gx)]).abs().sum(1)
    energies = (gx.unsqueeze(1) - gy[len(gx):]).abs().sum(2)
    return (e_c + torch.logsumexp(-BETA * energies, 1) / BETA).mean()


DUAL = [(1, 20, 10), (1, 20, 10)]
LOSSES = {
    'regression': (regression, [(1, 20, 1)]),
    'collapse': (collapse, DUAL),
    'margin': (margin, DUAL),
    'nll': (nll, DUAL),
}
CASES = [f'{name}-{how}' for how in ('sgd1', f'adam{BATCH}')
         for name in LOSSES]


# ------------------------------------------------------------- the measuring

def samples_per_second(case, style, threads):
    name, how = case.split('-')
    loss, sizes = LOSSES[name]
    adam = how.startswith('adam')
    batch = BATCH if adam else 1
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    model = style(sizes, adam)

    def epoch():
        for i in torch.randperm(N).split(batch):
            model.update(loss(model.nets, i))

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
        best = max((samples_per_second(case, style, threads),
                    style.__name__.lower(), threads)
                   for style, threads in itertools.product((Model, Lean),
                                                           (1, 2)))
        print(json.dumps({'case': case, 'samples_per_second': round(best[0]),
                          'style': best[1], 'threads': best[2]}), flush=True)


if __name__ == '__main__':
    main()
