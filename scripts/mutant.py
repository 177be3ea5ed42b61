#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""usage: mutant.py DIR NAME

Break the copy DIR of the modules' sources in the way that scripts/mutations.txt has
under NAME.
"""

import os
import random
import re
import sys

from sources import TOP, sources

SOURCES = sources('code')
SURVIVES = re.compile(r'survives: (?:on (\w+): )?(.*)')


class Mutation:
    """A block of scripts/mutations.txt; a reason to survive may be for one CONFIG."""

    def __init__(self, block, config=None):
        head, *lines = block.rstrip('\n').split('\n')
        self.name, self.text = head.split(': ', 1)
        self.reason = None
        if match := SURVIVES.match(lines[0]):
            lines.pop(0)
            if match[1] in (None, config):
                self.reason = match[2]
        self.old = ''.join(line[1:] + '\n' for line in lines if line[:1] != '+')
        self.new = ''.join(line[1:] + '\n' for line in lines if line[:1] != '-')

    def apply(self, texts):
        """Return the sources with the mutation in them."""
        places = sum(text.count(self.old) for text in texts.values())
        if places != 1:
            sys.exit(f'{self.name} applies in {places} places instead of one')
        return {name: text.replace(self.old, self.new)
                for name, text in texts.items()}


def mutations(config=None):
    return [Mutation(block, config)
            for block in read(TOP, 'scripts/mutations.txt').split('\n@ ')[1:]]


class Drawn:
    """A line of a source replaced by another one, which nobody has thought about."""

    reason = None

    def __init__(self, name, source, number, lines, new):
        self.name, self.source = name, source
        self.lines = lines[:number] + [new] + lines[number + 1:]
        self.text = f'{source}:{number + 1}: {lines[number].strip()} -> {new.strip()}'

    def apply(self, texts):
        return texts | {self.source: '\n'.join(self.lines)}


SWAPS = ('< <=', '> >=', '== !=', '&& ||', '+ -', '& |', '+= -=', '&= |=',
         'true false')
CONSTANT = re.compile(r'(?<![\w.])\d+(?!\.)')
CONDITION = re.compile(r'\b(if|while) \((.*)\)( {|;)?$')
# Neither a declaration nor a jump.
STATEMENT = re.compile(r'\t+(?!\t|break|continue|(\w+ )+\**\w+(;|,| =|\[|\)))[^{}]*;$')


def changes(line, before):
    """Yield what may become of a line: one operator, constant, condition or statement."""
    for swap in SWAPS:
        for old, new in (swap.split(), reversed(swap.split())):
            for match in re.finditer(rf'(?<= ){re.escape(old)}(?= |$)|'
                                     rf'\b{re.escape(old)}\b', line):
                yield line[:match.start()] + new + line[match.end():]
    for match in CONSTANT.finditer(line):
        yield line[:match.start()] + str(int(match[0]) + 1) + line[match.end():]
    if match := CONDITION.search(line):
        yield f'{line[:match.start()]}{match[1]} (!({match[2]})){match[3] or ""}'
    if STATEMENT.match(line) and before[-1:] in ';{})':
        yield re.match(r'\t+', line)[0] + ';'


def sample(texts, number, seed):
    """Return so many mutations drawn from all that there are."""
    drawn = []
    for source, text in texts.items():
        lines = text.split('\n')
        # Code, but no comment and no macro.
        drawn += [(source, at, lines, new) for at, line in enumerate(lines)
                  if re.match(r'\t+[^ /]', line) and line[-1] != '\\'
                  for new in changes(line, lines[at - 1])]
    return [Drawn(f'drawn-{seed}-{at}', *what) for at, what in
            enumerate(random.Random(seed).sample(drawn, number), 1)]


def read(*path):
    with open(os.path.join(*path), encoding='utf-8', errors='replace') as file:
        return file.read()


def write(texts, directory):
    for name, text in texts.items():
        with open(os.path.join(directory, name), 'w', encoding='utf-8') as file:
            file.write(text)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    directory, name = sys.argv[1:]
    for mutation in mutations():
        if mutation.name == name:
            original = {source: read(directory, source) for source in SOURCES}
            write(mutation.apply(original), directory)
            return
    sys.exit(f'mutant.py: there is no {name}')


if __name__ == '__main__':
    main()
