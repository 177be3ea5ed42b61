# SPDX-License-Identifier: GPL-2.0-only
"""What the modules are made of, as scripts/sources.txt lists it."""

import os

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def rows():
    with open(os.path.join(TOP, 'scripts/sources.txt'), encoding='utf-8') as file:
        return [line.split() for line in file if line[0] != '#']


def sources(kind=None, module=None):
    """Return the files of that kind, or of all, of that module, or of all."""
    return [file for file, of, what in rows()
            if kind in (None, what) and module in (None, of)]


def modules():
    """Return their names, in the order in which they are loaded."""
    return list(dict.fromkeys(module for _, module, _ in rows()))
