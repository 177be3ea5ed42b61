#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""usage: draw-late.py LATE PICTURE

Draw how late works began. A line of the file LATE has a name and the latenesses, in
microseconds. PICTURE is an SVG: for each name the share of works that began within a
time, which is on a logarithmic scale. Prints some of it as well.
"""

import math
import sys

WIDTH, HEIGHT, MARGIN = 640, 320, 48
COLOURS = ('#555555', '#c8322b', '#2a8f5b', '#7a5aa6')


def read(path):
    with open(path, encoding='utf-8') as file:
        rows = [line.split() for line in file if line.strip()]
    return {name: sorted(max(int(value), 1) for value in values) for name, *values in rows}


def quantile(values, share):
    return values[min(int(len(values) * share), len(values) - 1)]


def picture(late):
    decades = max(1, math.ceil(math.log10(max(values[-1] for values in late.values()))))

    def x(value):
        return MARGIN + math.log10(value) / decades * (WIDTH - 2 * MARGIN)

    def y(share):
        return HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN)

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
             'font-family="sans-serif" font-size="12">',
             '<rect width="100%" height="100%" fill="white"/>',
             f'<text x="{MARGIN}" y="20">Works of dm-crypt that began within a time, beside '
             'programs that are never idle</text>']
    for decade in range(decades + 1):
        at = x(10 ** decade)
        label = f'{10 ** decade} µs' if decade < 3 else f'{10 ** (decade - 3)} ms'
        parts.append(f'<path d="M{at:.1f} {y(0)}V{y(1)}" stroke="#ddd"/>'
                     f'<text x="{at:.1f}" y="{y(0) + 16}" text-anchor="middle">{label}</text>')
    for share in (0, 0.5, 1):
        parts.append(f'<path d="M{MARGIN} {y(share)}H{WIDTH - MARGIN}" stroke="#ddd"/>'
                     f'<text x="{MARGIN - 4}" y="{y(share) + 4}" text-anchor="end">'
                     f'{share:.0%}</text>')
    for number, (name, values) in enumerate(late.items()):
        colour = COLOURS[number % len(COLOURS)]
        path = f'M{x(values[0]):.1f} {y(0):.1f}' + ''.join(
            f'H{x(value):.1f}V{y((index + 1) / len(values)):.1f}'
            for index, value in enumerate(values))
        parts.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
                     f'<text x="{WIDTH - MARGIN}" y="{y(0.15) - 18 * number}" fill="{colour}" '
                     f'text-anchor="end">{name}</text>')
    return '\n'.join(parts + ['</svg>', ''])


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    late = read(sys.argv[1])
    if not late or not all(late.values()):
        sys.exit(f'{sys.argv[1]}: nothing to draw')
    with open(sys.argv[2], 'w', encoding='utf-8') as file:
        file.write(picture(late))
    for name, values in late.items():
        print(f'{name}: {len(values)} works, half of them within {quantile(values, 0.5)} µs, '
              f'95 % within {quantile(values, 0.95)} µs, all within {values[-1]} µs')


main()
