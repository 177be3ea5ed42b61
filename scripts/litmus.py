#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""usage: litmus.py HERD7 KSRC

Run the litmus tests of litmus/ on the memory model of the kernel source KSRC.
The outcome that a test asks for must never come about. A line with the mark

    // FUNCTION PRIMITIVE -> WEAKER

stands for that primitive in that function of the engine, which must be there.
With WEAKER in its place (with nothing, if there is none) the outcome must
come about sometimes, or the test would prove nothing. With => it must still
never: something else orders the two as well. Lines whose marks name the same
primitive are replaced together.

Every barrier of the engine, kworkerx.c and its private headers, must have its mark
in some test.

The last line printed is "N passed, N failed, N skipped".
"""

import os
import re
import subprocess
import sys
import tempfile

from sources import TOP, sources

MARK = re.compile(r'^(\t.*?)\s*// ((?:\w+ \w+(?:, )?)+) ([-=])>(?: (.*))?$', re.M)
FUNCTION = re.compile(r'^\w[^;{}]*?\b(\w+)\([^;{}]*\)\n\{\n(.*?)^\}', re.M | re.S)
COMMENT = re.compile(r'/\*.*?\*/', re.S)
BARRIER = re.compile(
    r'\b(smp_\w+|(?:atomic_)?(?:try_)?(?:cmp)?xchg|(?!lock_map_)[a-z]\w*_(?:acquire|release)|'
    r'synchronize_rcu|set_current_state)\(')
counts = {'passed': 0, 'failed': 0, 'skipped': 0}


def report(good, text):
    counts['passed' if good else 'failed'] += 1
    print('ok:' if good else 'NOT OK:', text)


def engine():
    """Return {function: set of what it calls}."""
    text = ''
    for name in sources('code', 'kworkerx'):
        with open(os.path.join(TOP, name), encoding='utf-8') as file:
            text += COMMENT.sub('', file.read())
    return {name: set(re.findall(r'\b(\w+)\(', body))
            for name, body in FUNCTION.findall(text)}


def observe(herd, model, test):
    """Return herd's word: Never, Sometimes or Always."""
    with tempfile.NamedTemporaryFile('w', suffix='.litmus') as file:
        file.write(test)
        file.flush()
        run = subprocess.run([herd, '-conf', 'linux-kernel.cfg', file.name],
                             cwd=model, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, check=False)
    match = re.search(r'^Observation \S+ (\w+)', run.stdout, re.M)
    return match[1] if match else run.stdout


def weaken(test, key):
    return MARK.sub(lambda m: '\t' + (m[4] or '') if m[2] == key else m[1], test)


def judge(observed, wanted, text):
    report(observed == wanted, f'{text}: {observed}'
           + ('' if observed == wanted else f', wanted {wanted}'))


def check(path, herd, model, calls):
    """Run one test and its weakened variants; return the primitives marked."""
    name = os.path.basename(path)[:-len('.litmus')]
    with open(path, encoding='utf-8') as file:
        test = file.read()
    marks = {match[2]: match[3] for match in MARK.finditer(test)}
    if test.count('//') != len(MARK.findall(test)) or not marks:
        report(False, f'{name}: a mark is missing or not understood')
    judge(observe(herd, model, weaken(test, None)), 'Never', name)
    marked = set()
    for key, arrow in marks.items():
        for function, primitive in (part.split() for part in key.split(', ')):
            marked.add((function, primitive))
            if 'kworkerx' in function and primitive not in calls.get(function, ()):
                report(False, f'{name}: {function} has no {primitive}')
        judge(observe(herd, model, weaken(test, key)),
              'Sometimes' if arrow == '-' else 'Never', f'{name} without {key}')
    return marked


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    herd, model = sys.argv[1], os.path.join(sys.argv[2], 'tools/memory-model')
    calls = engine()
    folder = os.path.join(TOP, 'litmus')
    marked = set()
    for name in sorted(os.listdir(folder)):
        if name.endswith('.litmus'):
            marked |= check(os.path.join(folder, name), herd, model, calls)
    for function, names in calls.items():
        for primitive in sorted(names):
            if BARRIER.match(primitive + '(') and (function, primitive) not in marked:
                report(False, f'no test has {primitive} of {function}')
    print(', '.join(f'{count} {what}' for what, count in counts.items()))
    sys.exit(bool(counts['failed'] or not counts['passed']))


main()
