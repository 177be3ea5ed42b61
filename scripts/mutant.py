#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""usage: mutant.py DIR NAME

Break the copy DIR of the modules' sources in the way that scripts/mutations has
under NAME.
"""

import os
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SOURCES = ('kworkerx.c', 'kworkerx_percpu.c')


def read(*path):
    with open(os.path.join(*path), encoding='utf-8') as file:
        return file.read()


def hunk(name):
    """Return the lines that must be there, and those that replace them."""
    for block in read(TOP, 'scripts/mutations').split('\n@ ')[1:]:
        head, *lines = block.rstrip('\n').split('\n')
        if head.split(':')[0] == name:
            lines = [line for line in lines if not line.startswith('survives:')]
            return [''.join(line[1:] + '\n' for line in lines if line[:1] != sign)
                    for sign in '+-']
    sys.exit(f'mutant.py: there is no {name}')


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    directory, name = sys.argv[1:]
    old, new = hunk(name)
    texts = {source: read(directory, source) for source in SOURCES}
    if sum(text.count(old) for text in texts.values()) != 1:
        sys.exit(f'mutant.py: {name} does not apply in one place')
    for source, text in texts.items():
        with open(os.path.join(directory, source), 'w', encoding='utf-8') as file:
            file.write(text.replace(old, new))


main()
