#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""usage: bench-report.py full|check|baseline RUN [BASELINE]

Make something of the figures that guest-bench.sh left in the directory RUN.
  full      print tables, write RUN/bench.md, RUN/bench.json and RUN/bench.svg
  check     compare the instructions of kworkerx with BASELINE; the last line
            is "N passed, N failed, N skipped"
  baseline  write BASELINE
"""

import json
import os
import re
import statistics
import sys

STOCK, FLOOR, OURS = 'kthread_worker', 'floor', 'kworkerx'
PEERS = (STOCK, 'ordered_workqueue', 'bound_workqueue', FLOOR, OURS)
COLOURS = ('#555555', '#c58b00', '#7a5aa6', '#2a8f5b', '#c8322b')
LIMIT = 1.03
# What kworkerx is to reach, as a ratio to the stock worker.
TARGETS = {
    'instructions': {
        'queue-busy': 0.33, 'burst': 0.38, 'ping-pong-same.p50': 1.0,
        'flush-idle': 1.0, 'flush-pending': 1.0, 'flush-running': 1.0,
        'flush-worker': 1.0, 'cancel-pending': 1.0, 'delayed-cancel': 1.0,
        'mod-armed': 1.0, 'create-destroy': 1.02,
        'size.work': 1.0, 'size.delayed-work': 1.0,
    },
    'time': {
        'queue-busy': 0.35, 'burst': 0.55, 'producers-2': 0.55,
        'producers-4': 0.45, 'producers-8': 0.40, 'ping-pong-same.p50': 1.0,
        'ping-pong-other.p50': 1.0, 'flush-idle': 1.05, 'flush-pending': 1.05,
        'flush-running': 1.05, 'flush-worker': 1.05, 'cancel-pending': 1.05,
        'delayed-cancel': 1.05, 'mod-armed': 1.05, 'create-destroy': 1.05,
    },
}
# The same to the floor, and from the first of a growing measure to the last.
FLOOR_TARGETS = {'queue-busy': 1.5, 'burst': 1.5}
CONSTANT = ('grow-pending-1000.cancel', 'grow-pending-1000000.cancel', 1.1)


def read(path):
    """Return the kernel and {measure: {peer: [cost of an operation, ...]}}."""
    with open(path, encoding='utf-8') as file:
        lines = [line.strip() for line in file]
    if len(lines) < 3 or lines[-1] != '@@ done':
        sys.exit('\n'.join(lines[-20:]) + f'\n{path}: the run did not finish')
    figures = {}
    for line in lines[1:-1]:
        match = re.fullmatch(r'@@ (\S+) (\w+) (\d+) (\d+)', line)
        if not match or match[2] not in PEERS or not int(match[3]):
            sys.exit(f'{path}: what is "{line}"?')
        peers = figures.setdefault(match[1], {})
        peers.setdefault(match[2], []).append(int(match[4]) / int(match[3]))
    return lines[0], figures


def medians(figures):
    return {name: {peer: statistics.median(values) for peer, values in peers.items()}
            for name, peers in figures.items()}


def ratio(peers, peer=OURS, to=STOCK):
    """None where one of the two has no figure, or a figure that is nothing."""
    return peers[peer] / peers[to] if peers.get(to) and peer in peers else None


def number(value):
    if value is None:
        return '-'
    return f'{value:,.0f}' if value >= 1000 else f'{value:.4g}'


def spread(values):
    """How far the rounds are apart: half of them are within this of the median."""
    median = statistics.median(values)
    return statistics.median(abs(value - median) for value in values) / median


def markdown(rows):
    """The first row is the head; the first column is text."""
    align = ['---'] + ['---:'] * (len(rows[0]) - 1)
    return '\n'.join('| ' + ' | '.join(row) + ' |' for row in [rows[0], align, *rows[1:]])


def figures_table(figures, with_spread):
    head = ['', *(peer.replace('_', ' ') for peer in PEERS), 'to stock', 'to floor']
    rows = [head]
    for name, peers in medians(figures).items():
        row = [name]
        for peer in PEERS:
            text = number(peers.get(peer))
            if with_spread and peers.get(peer):
                text += f' ±{100 * spread(figures[name][peer]):.0f}%'
            row.append(text)
        for to in (STOCK, FLOOR):
            value = ratio(peers, to=to)
            row.append('-' if value is None else f'{value:.2f}')
        rows.append(row)
    return markdown(rows)


def judge(mode, costs):
    """Yield (what, target, result) for each target that was measured."""
    for name, target in TARGETS[mode].items():
        if name in costs:
            yield f'{name}, to stock', target, ratio(costs[name])
    for name, target in FLOOR_TARGETS.items():
        if name in costs:
            yield f'{name}, to the floor', target, ratio(costs[name], to=FLOOR)
    first, last, target = CONSTANT
    if first in costs and last in costs:
        yield (f'{last}, to 1000', target, costs[last][OURS] / costs[first][OURS])


def targets_table(modes):
    rows = [['', 'unit', 'target', 'is', '']]
    for mode, figures in modes.items():
        for what, target, is_ in judge(mode, medians(figures)):
            rows.append([what, mode, f'{target:.2f}', f'{is_:.2f}',
                         'met' if round(is_, 2) <= target else '**missed**'])
    return markdown(rows)


def machine():
    with open('/proc/cpuinfo', encoding='utf-8') as file:
        model = re.search(r'model name\s*: (.*)', file.read())
    return f'{model[1] if model else "unknown CPU"}, {os.cpu_count()} CPUs'


def qemu(run, mode):
    """The accelerator and the processors of the guest."""
    with open(os.path.join(run, mode, 'qemu-cmd'), encoding='utf-8') as file:
        command = file.read()
    return ' '.join(re.search(r'(-accel .*?) \\\n *(-smp cpus=\d+)', command).groups())


def full(run):
    kernel, instructions = read(os.path.join(run, 'instructions', 'results'))
    again = read(os.path.join(run, 'again', 'results'))[1]
    time = read(os.path.join(run, 'time', 'results'))[1]
    modes = {'instructions': instructions, 'time': time}
    agree = instructions == again
    differing = sum(peers != again.get(name) for name, peers in instructions.items())
    text = f'''Kernel: {kernel}
Machine: {machine()}
Instructions: QEMU with {qemu(run, "instructions")} -icount shift=0; {"two runs agree to the digit"
if agree else f"TWO RUNS DIFFER in {differing} of {len(instructions)} measures"}
Time: QEMU with {qemu(run, "time")}

Targets:

{targets_table(modes)}

Instructions of an operation, median of the rounds (bytes, for sizes):

{figures_table(instructions, False)}

Nanoseconds of an operation, median of the rounds and median distance from it:

{figures_table(time, True)}
'''
    print(text, end='')
    with open(os.path.join(run, 'bench.md'), 'w', encoding='utf-8') as file:
        file.write(text)
    with open(os.path.join(run, 'bench.json'), 'w', encoding='utf-8') as file:
        json.dump({'kernel': kernel, 'machine': machine(), 'runs_agree': agree,
                   'rounds': modes, 'medians': {mode: medians(figures)
                                                for mode, figures in modes.items()}},
                  file, indent=1)
    with open(os.path.join(run, 'bench.svg'), 'w', encoding='utf-8') as file:
        file.write('')
    if not agree:
        sys.exit('error: two runs of the same instructions differ')


def check(run, baseline):
    """A loss is one in instructions and in the ratio to the stock worker.

    With the compiler and the kernel of the baseline both say the same. With
    others the ratio takes out what changed for the stock worker as well.
    """
    costs = medians(read(os.path.join(run, 'instructions', 'results'))[1])
    with open(baseline, encoding='utf-8') as file:
        before = json.load(file)['instructions']
    failed = 0
    for name in sorted({*before, *costs}):
        if name not in costs or name not in before:
            print(f'NOT OK: {name}: not in', 'this run' if name in before else baseline)
            failed += 1
            continue
        was, now = before[name], costs[name]
        loss = min(ratio({STOCK: was[OURS], OURS: now[OURS]}),
                   ratio(now) / ratio(was))
        print('ok:' if loss <= LIMIT else 'NOT OK:', name, number(was[OURS]), '->',
              number(now[OURS]), '' if loss <= LIMIT else f'({100 * loss - 100:+.1f} %)')
        failed += loss > LIMIT
    print(f'{len({*before, *costs}) - failed} passed, {failed} failed, 0 skipped')
    sys.exit(bool(failed))


def new_baseline(run, baseline):
    kernel, figures = read(os.path.join(run, 'instructions', 'results'))
    costs = {name: {peer: peers[peer] for peer in (STOCK, OURS)}
             for name, peers in medians(figures).items()}
    with open(baseline, 'w', encoding='utf-8') as file:
        json.dump({'kernel': kernel, 'instructions': costs}, file, indent=1)
        file.write('\n')


def main():
    modes = {('full', 3): full, ('check', 4): check, ('baseline', 4): new_baseline}
    mode = modes.get((sys.argv[1] if len(sys.argv) > 1 else '', len(sys.argv)))
    if not mode:
        sys.exit(__doc__)
    mode(*sys.argv[2:])


main()
