#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""usage: bench-report.py full|here|check|baseline RUN [BASELINE]

Make something of the figures that guest-bench.sh or bench-here.sh left in the
directory RUN.
  full      print tables, write RUN/bench.md, RUN/bench.json and RUN/bench.svg
  here      print the tables of times, write RUN/bench.md
  check     compare the instructions of kworkerx with BASELINE; the last line
            is "N passed, N failed, N skipped"
  baseline  write BASELINE
"""

import json
import math
import os
import re
import statistics
import sys

STOCK, FLOOR, OURS = 'kthread_worker', 'floor', 'kworkerx'
PEERS = (STOCK, 'ordered_workqueue', 'bound_workqueue', FLOOR, OURS,
         'kworkerx_workqueue')
COLOURS = ('#555555', '#c58b00', '#7a5aa6', '#2a8f5b', '#c8322b', '#3274c8')
LIMIT = 1.03
# Of the picture.
TOP, ROW = 100, 22
# What kworkerx is to reach, as a ratio to the stock worker.
TARGETS = {
    'instructions': {
        'queue-busy': 0.33, 'burst': 0.38, 'ping-pong-same.p50': 1.0,
        'flush-idle': 1.0, 'flush-pending': 1.0, 'flush-running': 1.0,
        'flush-worker': 1.0, 'cancel-pending': 1.0, 'delayed-cancel': 1.0,
        'delayed-idle': 1.0, 'mod-armed': 1.0, 'create-destroy': 1.02,
        'size.work': 1.0, 'size.delayed-work': 1.0,
    },
    'time': {
        'queue-busy': 0.35, 'burst': 0.55, 'producers-2': 0.55,
        'producers-4': 0.45, 'producers-8': 0.40, 'ping-pong-same.p50': 1.0,
        'ping-pong-other.p50': 1.0, 'flush-idle': 1.05, 'flush-pending': 1.05,
        'flush-running': 1.05, 'flush-worker': 1.05, 'cancel-pending': 1.05,
        'delayed-cancel': 1.05, 'delayed-idle': 1.05, 'mod-armed': 1.05,
        'create-destroy': 1.05,
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
        raise ValueError('\n'.join(lines[-20:]) + f'\n{path}: the run did not finish')
    figures = {}
    for line in lines[1:-1]:
        match = re.fullmatch(r'@@ (\S+) (\w+) (\d+) (\d+)', line)
        if not match or match[2] not in PEERS or not int(match[3]):
            raise ValueError(f'{path}: what is "{line}"?')
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


def figures_table(figures, prefix, with_spread=False):
    rows = [['', *(peer.replace('_', ' ') for peer in PEERS), 'to stock', 'to floor']]
    for name, peers in medians(figures).items():
        if not re.match(prefix, name):
            continue
        row = [name]
        for peer in PEERS:
            text = number(peers.get(peer))
            if with_spread and peers.get(peer):
                text += f' ±{100 * spread(figures[name][peer]):.0f}%'
            row.append(text)
        ratios = (ratio(peers, to=to) for to in (STOCK, FLOOR))
        rows.append(row + ['-' if value is None else f'{value:.2f}' for value in ratios])
    return markdown(rows)


def test_workqueue_table(figures):
    """The columns of the kernel's lib/test_workqueue.c."""
    costs = medians(figures)
    rows = [['threads', 'peer', 'items/sec', 'p50', 'p90', 'p95 ns']]
    for name, peers in costs.items():
        if match := re.fullmatch(r'test_workqueue-(\d+)', name):
            rows += [[match[1], peer.replace('_', ' '), number(1e9 / peers[peer]),
                      *(number(costs[f'{name}.{p}'][peer]) for p in ('p50', 'p90', 'p95'))]
                     for peer in PEERS]
    return markdown(rows)


def compare(peers, peer, other):
    """Return the ratio of two medians, and how far it may be off by their spread."""
    costs = [statistics.median(values) for values in (peers[peer], other)]
    return costs[0] / costs[1], spread(peers[peer]) + spread(other)


def judge(mode, figures):
    """Yield (what, target, ratio, how far off) for each target that was measured."""
    for name, target in TARGETS[mode].items():
        if name in figures:
            yield f'{name}, to stock', target, *compare(figures[name], OURS, figures[name][STOCK])
    for name, target in FLOOR_TARGETS.items():
        if name in figures:
            yield (f'{name}, to the floor', target,
                   *compare(figures[name], OURS, figures[name][FLOOR]))
    first, last, target = CONSTANT
    if first in figures and last in figures:
        yield f'{last}, to 1000', target, *compare(figures[last], OURS, figures[first][OURS])


def targets_table(modes):
    rows = [['', 'unit', 'target', 'is', '']]
    for mode, figures in modes.items():
        for what, target, is_, off in judge(mode, figures):
            verdict = 'met' if round(is_, 2) <= target else '**missed**'
            if is_ * (1 - off) < target < is_ * (1 + off) and mode == 'time':
                verdict += ', within the spread'
            rows.append([what, mode, f'{target:.2f}', f'{is_:.2f}', verdict])
    return markdown(rows)


def write(run, name, text):
    with open(os.path.join(run, name), 'w', encoding='utf-8') as file:
        file.write(text)


def text(x, y, words, anchor='start', **more):
    more = ''.join(f' {key.replace("_", "-")}="{value}"' for key, value in more.items())
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{more}>{words}</text>'


def line(x1, y1, x2, y2, colour='#dddddd'):
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{colour}"/>'


def ratios_panel(x, title, costs, names):
    """A row for each measure, a dot for each peer, at its ratio to the stock worker."""
    left, width, low, high = x + 10, 330, -1.0, 1.0

    def across(value):
        return left + width * (min(max(math.log10(value), low), high) - low) / (high - low)

    bottom = TOP + ROW * len(names)
    yield text(left, TOP - 32, title, font_weight='bold')
    for tick in (0.1, 0.2, 0.5, 1, 2, 5, 10):
        yield line(across(tick), TOP - 8, across(tick), bottom, '#888888' if tick == 1 else '#dddddd')
        yield text(across(tick), TOP - 13, f'{tick:g}', 'middle')
    for row, name in enumerate(names):
        y = TOP + ROW * (row + 0.5)
        for peer, colour in zip(PEERS, COLOURS):
            value = ratio(costs.get(name, {}), peer)
            if value:
                yield (f'<circle cx="{across(value):.1f}" cy="{y:.1f}" '
                       f'r="{6 if peer == OURS else 4}" fill="{colour}"/>')
        target = TARGETS[title.split()[0]].get(name)
        if target:
            yield line(across(target), y - 8, across(target), y + 8, '#000000')


def growth_panel(y, title, costs, series):
    """Cost against how many there are, both axes logarithmic."""
    left, width, height = 190, 560, 160

    def place(count, cost):
        return (left + width * math.log10(count) / 6,
                y + height - height * (math.log10(cost) - 1) / 3)

    yield text(left, y - 12, title, font_weight='bold')
    for power in range(7):
        x = place(10 ** power, 10)[0]
        yield line(x, y, x, y + height)
        yield text(x, y + height + 16, f'{10 ** power:,}', 'middle')
    for power in range(1, 5):
        tick = place(1, 10 ** power)[1]
        yield line(left, tick, left + width, tick)
        yield text(left - 6, tick + 4, f'{10 ** power:,}', 'end')
    for (start, end), dash in series.items():
        for peer in (STOCK, OURS):
            points = sorted((int(name[len(start):-len(end)]), peers[peer])
                            for name, peers in costs.items()
                            if name.startswith(start) and name.endswith(end))
            path = ' '.join('{:.1f},{:.1f}'.format(*place(*point)) for point in points)
            yield (f'<polyline points="{path}" fill="none" stroke-width="2" '
                   f'stroke="{COLOURS[PEERS.index(peer)]}" stroke-dasharray="{dash}"/>')
            if peer == OURS and points:
                x, last = place(*points[-1])
                yield text(x + 6, last + 4, start.split('-')[1] + ': ' + end[1:])


def picture(modes):
    names = [name for name in modes['instructions']
             if not re.match('grow|test_|size|loop|percpu|producers-1|.*-same$|.*p9', name)]
    names += [name for name in modes['time'] if re.match(r'.*other\.p50', name)]
    under = TOP + ROW * len(names) + 70
    parts = [text(10, 24, 'kworkerx and its peers: cost as a ratio to the stock kthread_worker '
                  '(a bar: the target; at the edge: or beyond)', font_size=15)]
    x = 190
    for peer, colour in zip(PEERS, COLOURS):
        parts += [f'<circle cx="{x}" cy="42" r="5" fill="{colour}"/>',
                  text(x + 9, 46, peer.replace('_', ' '))]
        x += 140
    parts += [text(180, TOP + ROW * (row + 0.5) + 4, name, 'end')
              for row, name in enumerate(names)]
    parts += ratios_panel(180, 'instructions', modes['instructions'], names)
    parts += ratios_panel(550, 'time', modes['time'], names)
    parts += growth_panel(under, 'instructions of an operation, by how many works or timers there are',
                          modes['instructions'], {('grow-pending-', '.queue'): '',
                                                  ('grow-pending-', '.cancel'): '6 3',
                                                  ('grow-armed-', '.cancel'): '2 3'})
    height = under + 200
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 920 {height}" '
            'font-family="sans-serif" font-size="12">\n'
            '<!-- SPDX-License-Identifier: GPL-2.0-only -->\n'
            f'<rect width="920" height="{height}" fill="white"/>\n'
            + '\n'.join(parts) + '\n</svg>\n')


def machine():
    with open('/proc/cpuinfo', encoding='utf-8') as file:
        model = re.search(r'model name\s*: (.*)', file.read())
    return (f'{model[1] if model else "unknown CPU"}, {os.cpu_count()} CPUs, '
            f'load average {os.getloadavg()[2]:.1f}')


def qemu(run, mode):
    """The accelerator and the processors of the guest."""
    with open(os.path.join(run, mode, 'qemu-cmd'), encoding='utf-8') as file:
        command = file.read()
    return ' '.join(re.search(r'(-accel .*?) \\\n *(-smp cpus=\d+)', command).groups())


def differing(figures, again):
    return [name for name in sorted({*figures, *again})
            if figures.get(name) != again.get(name)]


def full(run):
    results = {name: read(os.path.join(run, name, 'results'))
               for name in ('instructions', 'again', 'time', 'parallel')}
    kernel, instructions = results['instructions']
    time = results['time'][1] | results['parallel'][1]
    modes = {'instructions': instructions, 'time': time}
    differ = differing(instructions, results['again'][1])
    agree = f'TWO RUNS DIFFER in {", ".join(differ)}' if differ else \
        f'two runs agree to the digit in all {len(instructions)} figures'
    page = f'''- Kernel: {kernel}, `make bench`
- Machine: {machine()}
- Instructions: {qemu(run, 'instructions')} -icount shift=0: {agree}
- Time: {qemu(run, 'time')}; several producers: {qemu(run, 'parallel')}

## Targets

{targets_table(modes)}

## Instructions of an operation

The median of the rounds; bytes, for sizes.

{figures_table(instructions, '(?!grow|test_)')}

## Nanoseconds of an operation

The median of the rounds; half of them are within the percentage of it.

{figures_table(time, '(?!grow|test_|size)', True)}

## The columns of lib/test_workqueue.c

{test_workqueue_table(time)}

## Growth, instructions of an operation

{figures_table(instructions, 'grow')}

## Growth, nanoseconds of an operation

{figures_table(time, 'grow', True)}
'''
    print(page, end='')
    write(run, 'bench.md', page)
    write(run, 'bench.svg', picture({mode: medians(figures)
                                     for mode, figures in modes.items()}))
    write(run, 'bench.json', json.dumps(
        {'kernel': kernel, 'machine': machine(), 'differing': differ, 'rounds': modes},
        indent=1))
    if differ:
        sys.exit('error: ' + agree)


def here(run):
    kernel, time = read(os.path.join(run, 'results'))
    page = f'''- Kernel: {kernel}, `make bench HERE=1`
- Machine: {machine()}

## Nanoseconds of an operation

The median of the rounds; half of them are within the percentage of it.

{figures_table(time, '(?!grow|test_|size)', True)}

## The columns of lib/test_workqueue.c

{test_workqueue_table(time)}

## Growth, nanoseconds of an operation

{figures_table(time, 'grow', True)}
'''
    print(page, end='')
    write(run, 'bench.md', page)


def checked(figures):
    """Whether a tick of the clock falls into a call decides on the last percentiles."""
    return {name: {peer: peers[peer] for peer in (STOCK, OURS)}
            for name, peers in medians(figures).items()
            if not re.search(r'\.p9', name) and {STOCK, OURS} <= {*peers}}


def check(run, baseline):
    """A loss is one in instructions and in the ratio to the stock worker.

    With the compiler and the kernel of the baseline both say the same. With
    others the ratio takes out what changed for the stock worker as well.
    """
    costs = checked(read(os.path.join(run, 'instructions', 'results'))[1])
    with open(baseline, encoding='utf-8') as file:
        before = {name: peers for name, peers in json.load(file).items()
                  if isinstance(peers, dict)}
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
    lines = [f'"license": "SPDX-License-Identifier: GPL-2.0-only",\n"kernel": "{kernel}"']
    lines += [f'"{name}": ' + json.dumps(peers)
              for name, peers in checked(figures).items()]
    with open(baseline, 'w', encoding='utf-8') as file:
        file.write('{\n' + ',\n'.join(lines) + '\n}\n')


def main():
    modes = {('full', 3): full, ('here', 3): here, ('check', 4): check, ('baseline', 4): new_baseline}
    mode = modes.get((sys.argv[1] if len(sys.argv) > 1 else '', len(sys.argv)))
    if not mode:
        sys.exit(__doc__)
    try:
        mode(*sys.argv[2:])
    except ValueError as error:
        sys.exit(f'error: {error}\n0 passed, 1 failed, 0 skipped')


main()
