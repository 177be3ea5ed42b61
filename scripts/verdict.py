#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""usage: verdict.py RUN SUITES KSRC [KIND]
       verdict.py --console LOG KSRC

Judge the run whose files are in the directory RUN: load lists the modules,
results is what guest-check.sh reported, console.log what the kernel printed.
SUITES lists the suites that must be there, and the file skips beside it what of
them may be skipped on a kernel of this KIND. KSRC is the kernel source, for its
own tools.

Writes RUN/results.ktap and RUN/results.json. The last line printed is
"N passed, N failed, N skipped", with one failure for each test that failed
(the parameters of a test count one by one) and for each other problem.

With --console only print what the kernel complained of in the file LOG.
"""

import fnmatch
import os
import re
import subprocess
import sys

RESULT = re.compile(r'( *)(ok|not ok) (\d+)(?: -)? ?([^#]*?)(?: # ?(.*))?$')
PLAN = re.compile(r'( *)1\.\.(\d+)$')
LAST_PARAMETER = re.compile(
    r'^ {8}(ok|not ok) (\d+) .*\n(?: {4}# .*\n)*?'
    r' {4}# (\w+): pass:(\d+) fail:(\d+) skip:(\d+) total:\2$', re.M)
FORMS = ('ok {} (lost)', 'not ok {} (lost)', 'ok {} (lost) # SKIP')
SUBTEST = re.compile(r' {8}# Subtest: (\w+)')
# All but the first one say how many reports came since that, and a text in each.
MARKER = re.compile(r'kworkerx_kunit: (begin|also|end) expected (\w+)'
                    r'(?:: (\d+) of "(.*)")?$')
# The first and the last line of such a report.
EXPECTED = {'warning': ('------------[ cut here ]------------', '---[ end trace'),
            'deadlock': ('======', '</TASK>')}
RULE = '=' * 66
KCSAN = 'BUG: KCSAN: '
ACCESS = re.compile(r' by (task|interrupt)')
# What the guest prints when nothing else is to come.
DONE = 'kworkerx: the guest is done'
LOST = re.compile(r'\*\* \d+ printk messages dropped \*\*')
LEAKS_BEGIN = 'Kernel memory leak detector initialized'
# Who cannot mark a part of an object looks at all of it.
LEAKS_END = re.compile(r'kmemleak: (.*disabled|Cannot allocate (?!a scan area))')
FAILED_FORK = re.compile(r'kthreadd: vmalloc error: .*'
                         r'(vm_struct allocation failed|failed to allocated? page array)')
REPLAY = '** replaying previous printk message **'


def read(path):
    try:
        with open(path, encoding='utf-8', errors='replace', newline='') as file:
            return [line.rstrip('\r') for line in file.read().split('\n')]
    except FileNotFoundError:
        return []


def drop_replayed(lines):
    """Keep one of a line that a console was disturbed in, and prints again."""
    kept = []
    for number, line in enumerate(lines):
        if REPLAY not in line:
            kept.append(line)
        elif kept and ''.join(lines[number + 1:number + 2]).startswith(kept[-1]):
            kept.pop()
    return kept


def restore_parameters(lines):
    """Put back what Linux 6.1 loses: all results of parameters but the last.

    It keeps their statistics, though, from which they follow up to their name. Nor
    does it say of the last one whether it was skipped: it was if none passed.
    """
    def restore(match):
        forms = [form for form, count in zip(FORMS, match.group(4, 5, 6))
                 for _ in range(int(count))]
        last = match[0]
        if match[1] == 'ok' and match[4] == '0' and '# SKIP' not in last:
            last = last.replace('\n', ' # SKIP\n', 1)
        forms.remove(FORMS[2] if '# SKIP' in last else FORMS[match[1] == 'not ok'])
        restored = ['KTAP version 1', f'# Subtest: {match[3]}']
        restored += [form.format(number) for number, form in enumerate(forms, 1)]
        return ''.join(f'        {line}\n' for line in restored) + last

    text = '\n'.join(lines)
    if '        KTAP version 1' not in text:
        text = LAST_PARAMETER.sub(restore, text)
    return text.split('\n')


def drop_foreign_races(lines):
    """Drop KCSAN's reports of races in which no module has part.

    It has if it, or what it calls, accesses the memory.
    """
    kept, start = [], 0
    for line in lines:
        kept.append(line)
        if RULE not in line:
            continue
        # A report, and nothing else, is from one rule to the next.
        report = kept[start:]
        bugs = [inner for inner in report if 'BUG:' in inner]
        frames = [frame for number, inner in enumerate(report)
                  if ACCESS.search(inner) for frame in report[number + 1:number + 3]]
        if (len(bugs) == 1 and KCSAN in bugs[0] and
                not any('[kworkerx' in frame for frame in frames)):
            del kept[start:]
        start = len(kept) - 1
    return kept


def drop_failed_forks(lines):
    """Drop the trace that the kernel prints when it cannot map a thread's stack.

    A test makes that fail. Not on x86, where a debug kernel maps no stacks.
    """
    kept, left = [], 0
    for line in lines:
        left = 5 if FAILED_FORK.search(line) else left - 1
        if left >= 0 and 'Call trace:' in line:
            left = 0
        else:
            kept.append(line)
    return kept


def complaints(lines, ksrc):
    """Return the lines that the kernel's own tool takes for complaints."""
    gate = os.path.join(ksrc, 'tools/testing/selftests/rcutorture/bin/console-badness.sh')
    run = subprocess.run(['bash', gate], text=True, stdout=subprocess.PIPE,
                         input='\n'.join(drop_foreign_races(drop_failed_forks(lines))) + '\n',
                         check=False)
    bad = run.stdout.splitlines()
    return bad if run.returncode in (0, 1) else [f'{gate} does not run'] + bad


class Verdict:
    def __init__(self, skips=()):
        self.counts = {'passed': 0, 'failed': 0, 'skipped': 0}
        self.problems = []
        self.skips = dict.fromkeys(skips, False)    # and whether it was used
        self.scanned = False

    def problem(self, text):
        self.problems.append(text)
        self.counts['failed'] += 1

    def protocol(self, lines, modules):
        """Split the report into {suite: its lines} and check the rest."""
        suites, events, name = {}, [], None
        for line in lines:
            if not line.startswith('@@ '):
                if name:
                    suites[name].append(line)
                elif line:
                    self.problem(f'stray line in the report: {line}')
                continue
            word, _, rest = line[3:].partition(' ')
            if word == 'suite' and rest not in suites:
                name = rest
                suites[name] = []
            elif word == 'end' and rest == name:
                name = None
            elif word == 'gcov':
                pass    # for coverage.sh
            elif word == 'leak':
                self.scanned |= rest == 'scanned'
                if rest.startswith('unreferenced object'):
                    self.problem(f'kmemleak: {rest} (see results)')
            else:
                events.append(line[3:])

        for event in [f'{verb} {module} 0' for module in modules
                      for verb in ('load', 'unload')]:
            if event in events:
                events.remove(event)
            else:
                self.problem(f'the guest did not report "{event}"')
        done = f'done {len(suites)}'
        if not events or events.pop() != done or lines[-2:] != ['@@ ' + done, '']:
            self.problem('the guest did not finish: it died, hung or was cut short')
        for event in events:
            self.problem(f'unexpected report "{event}"')
        return suites

    def test(self, suite, case, name, good, directive):
        name = f'{suite}: {name}'
        if not good:
            self.problem(f'{name} failed')
        elif directive is None:
            self.counts['passed'] += 1
        elif directive.upper().startswith('SKIP'):
            self.counts['skipped'] += 1
            used = [skip for skip in self.skips
                    if fnmatch.fnmatch(f'{suite} {case}', skip)]
            self.skips.update(dict.fromkeys(used, True))
            if not used:
                self.problem(f'{name} of {case} may not be skipped')
        else:
            self.problem(f'{name}: unknown directive {directive}')

    def suite(self, suite, lines):
        """Count the tests of one suite and check that none is missing."""
        seen = {0: 0, 1: 0, 2: 0}   # results at each depth, in this parent
        plan = {}                   # results to expect there
        failed_before = self.counts['failed']
        tests = params_failed = 0
        case = None
        for line in lines:
            if match := PLAN.match(line):
                plan[len(match[1]) // 4] = int(match[2])
                continue
            if match := SUBTEST.match(line):
                case = match[1]
            match = RESULT.match(line)
            if not match:
                continue
            depth, good = len(match[1]) // 4, match[2] == 'ok'
            name, directive = match[4], match[5]
            if depth not in seen:
                self.problem(f'{suite}: unexpected depth: {line}')
                continue
            seen[depth] += 1
            if int(match[3]) != seen[depth]:
                self.problem(f'{suite}: result {seen[depth]} is missing before: {line}')
                seen[depth] = int(match[3])

            children = seen.get(depth + 1, 0)
            expected = plan.pop(depth + 1, children if depth else None)
            if depth < 2:
                seen[depth + 1] = 0
                if children != expected:
                    self.problem(f'{suite}: {children} results where '
                                 f'{expected} were planned: {line}')
            if depth == 0:
                if name != suite:
                    self.problem(f'{suite}: closed by another suite: {line}')
                if not good and self.counts['failed'] == failed_before:
                    self.problem(f'{suite}: failed outside of its tests')
            elif depth == 1 and children:
                if not good and not params_failed:
                    self.problem(f'{suite}: {name} failed outside of its parameters')
                params_failed = 0
            else:
                tests += 1
                params_failed += depth == 2 and not good
                self.test(suite, name if depth == 1 else case, name, good, directive)
        if seen[0] != 1:
            self.problem(f'{suite}: ran only in part, the closing result is missing')
        if not tests:
            self.problem(f'{suite}: holds no test')

    def expected(self, splats, announced):
        """Return the lines of those reports that were not announced."""
        left = [splat for splat in splats
                if sum('WARNING:' in line for line in splat) != 1]
        for count, text in announced:
            good = [splat for splat in splats if splat not in left and
                    any(text in line for line in splat)]
            if len(good) != int(count):
                self.problem(f'{len(good)} reports "{text}", {count} announced')
            splats = [splat for splat in splats if splat not in good]
        return [line for splat in splats for line in splat]

    def console(self, lines, ksrc):
        """Look for splats, except for warnings that a test announced."""
        kept, kind, splats, splat, announced = [], None, [], None, []
        for line in drop_replayed(lines):
            if match := MARKER.search(line):
                if bool(kind) == (match[1] == 'begin'):
                    self.problem(f'unbalanced marker on the console: {line}')
                if match[3]:
                    announced.append(match.group(3, 4))
                if match[1] == 'also':
                    continue
                if splat:
                    splats.append(splat)
                if match[1] == 'end':
                    kept += self.expected(splats, announced)
                kind = match[2] if match[1] == 'begin' else None
                splats, splat, announced = [], None, []
                continue
            if kind and not splat and EXPECTED[kind][0] in line:
                splat = []
            # Whatever else a checker says between the markers stays.
            if splat is None or 'BUG:' in line:
                kept.append(line)
            if splat is not None:
                splat.append(line)
                if EXPECTED[kind][1] in line:
                    splats.append(splat)
                    splat = None
        if kind:
            self.problem('unbalanced marker on the console: the last one begins')

        bad = complaints(kept, ksrc)
        text = '\n'.join(lines)
        if DONE not in text:
            self.problem('the console is empty or cut short')
        if match := LOST.search(text):
            self.problem(f'the console is not complete: {match[0]}')
        if match := LEAKS_END.search(text):
            self.problem(f'nobody looked for leaks: {match[0]}')
        elif LEAKS_BEGIN in text and not self.scanned:
            self.problem('nobody looked for leaks')
        if bad:
            self.problem(f'the kernel complained: {bad[0]}')
            self.problems += [f'    {line}' for line in bad[1:10]]


def merge(suites):
    """Make one KTAP document: parsers read the first one only."""
    lines = ['KTAP version 1', f'1..{len(suites)}']
    for number, name in enumerate(suites, 1):
        body = [line for line in suites[name] if line]
        while body and (body[0] == 'KTAP version 1' or PLAN.match(body[0])):
            body.pop(0)
        lines += [re.sub(r'^(ok|not ok) 1\b', rf'\1 {number}', line) for line in body]
    return '\n'.join(lines) + '\n'


def show(run, ktap, ksrc):
    """Print the results as the kernel's own tool does, if it can read them."""
    path = os.path.join(run, 'results.ktap')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(ktap)
    tool = os.path.join(ksrc, 'tools/testing/kunit/kunit.py')
    json = os.path.join(run, 'results.json')
    parse = subprocess.run([sys.executable, tool, 'parse', '--json=' + json, path],
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                           text=True, check=False)
    print(parse.stdout if 'Testing complete' in parse.stdout else ktap, end='')


def main():
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    if sys.argv[1] == '--console':
        print('\n'.join(complaints(drop_replayed(read(sys.argv[2])), sys.argv[3])))
        return
    run, expected, ksrc = map(os.path.abspath, sys.argv[1:4])
    skips = [line.split(' ', 1) for line in
             read(os.path.join(os.path.dirname(expected), 'skips')) if ' ' in line]
    verdict = Verdict([what for kind, what in skips
                       if fnmatch.fnmatch(sys.argv[4] if sys.argv[4:] else '', kind)])

    modules = [line.split()[0] for line in read(os.path.join(run, 'load')) if line]
    if not modules:
        verdict.problem('the guest was told to load nothing')
    suites = {name: restore_parameters(lines) for name, lines in
              verdict.protocol(read(os.path.join(run, 'results')), modules).items()}
    wanted = [line for line in read(expected) if line and line[0] != '#']
    for name in wanted:
        if name not in suites:
            verdict.problem(f'suite {name} did not run')
    for name, lines in suites.items():
        if name not in wanted:
            verdict.problem(f'suite {name} is not in {expected}')
        verdict.suite(name, lines)
    for skip, used in verdict.skips.items():
        if not used and fnmatch.filter(suites, skip.split()[0]):
            verdict.problem(f'"{skip}" may be skipped, and nothing is')
    if not verdict.counts['passed']:
        verdict.problem('no test passed')
    verdict.console(read(os.path.join(run, 'console.log')), ksrc)

    show(run, merge(suites), ksrc)
    for problem in verdict.problems:
        print('error:', problem)
    if verdict.problems:
        print('see', os.path.join(run, 'console.log'), 'and results beside it')
    print(', '.join(f'{count} {what}' for what, count in verdict.counts.items()))
    sys.exit(bool(verdict.problems))


main()
