#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""usage: mutate.py BUILD KDIR KSRC OUT LOCK [NAME...]

Break the modules as scripts/mutations says, one way at a time, in the built
copy BUILD of the project; run the KUnit suites and the selftests on the kernel
of KDIR, and print which of them saw it. A mutation that none saw must be listed
with a reason to survive. NAMEs pick mutations. Each run waits for the file
LOCK, so that others can run guests in between.

The last line printed is "N passed, N failed, N skipped"; who survives for a
known reason counts as skipped.
"""

import glob
import os
import re
import signal
import subprocess
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SUBTEST = re.compile(r'\] {5}# Subtest: (\w+)')
SOURCES = ('kworkerx.c', 'kworkerx_percpu.c')
MODULES = ('kworkerx', 'kworkerx_percpu', 'kunit/kworkerx_kunit',
           'kunit/kworkerx_hotplug_kunit')
NOT_OK = re.compile(r'\] {5}not ok \d+ (\w+)')
# So many seconds without a word mean that the guest hangs.
SILENCE = int(os.environ['SILENCE'])


class Mutation:
    def __init__(self, block):
        head, *lines = block.rstrip('\n').split('\n')
        self.name, self.text = head.split(': ', 1)
        self.reason = None
        if lines[0].startswith('survives: '):
            self.reason = lines.pop(0)[len('survives: '):]
        self.old = ''.join(line[1:] + '\n' for line in lines if line[:1] != '+')
        self.new = ''.join(line[1:] + '\n' for line in lines if line[:1] != '-')

    def apply(self, sources):
        places = sum(text.count(self.old) for text in sources.values())
        if places != 1:
            sys.exit(f'mutate.py: {self.name} applies in {places} places '
                     'instead of one')
        return {name: text.replace(self.old, self.new)
                for name, text in sources.items()}


def read(*path):
    with open(os.path.join(*path), encoding='utf-8', errors='replace') as file:
        return file.read()


def run(*command, **kwargs):
    return subprocess.run(command, stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.STDOUT, check=False, **kwargs)


def witnesses(out, verdict):
    """Name who saw it: suites that failed, or else what went wrong."""
    suite, seen, last = None, [], None
    for line in read(out, 'console.log').splitlines():
        if match := SUBTEST.search(line):
            suite = last = match[1]
        elif match := NOT_OK.search(line):
            seen.append(f'{suite}: {match[1]}')
    errors = re.findall(r'^error: (.*)', verdict, re.M)
    if not seen and any('did not finish' in error for error in errors):
        return [f'{last}: did not finish']
    return seen or errors


def boot_until_failure(out, *command):
    """Run the guest until it ends, a test fails, or it has nothing to say."""
    console = os.path.join(out, 'console.log')
    with subprocess.Popen(command, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, start_new_session=True) as guest:
        text, since = '', time.monotonic()
        try:
            while guest.poll() is None and not NOT_OK.search(text) and (
                    not text or time.monotonic() - since < SILENCE):
                time.sleep(0.5)
                before, text = text, os.path.exists(console) and read(console) or ''
                since = since if text == before else time.monotonic()
        finally:
            if guest.poll() is None:
                # QEMU is in a group of its own, by timeout.
                subprocess.run(['pkill', '-s', str(guest.pid)], check=False)
        return guest.wait()


def judge(mutation, directory, kdir, ksrc, out, lock):
    """Return who saw the mutation, [] if nobody did, None if it does not build."""
    made = run('make', '-C', kdir, 'M=' + directory, 'modules')
    if made.returncode:
        return None
    os.makedirs(out)
    with open(os.path.join(out, 'load'), 'w', encoding='utf-8') as file:
        file.writelines(os.path.basename(name) + '\n' for name in MODULES)
    boot = boot_until_failure(
        out, 'flock', lock, os.path.join(TOP, 'scripts/qemu.sh'),
        os.path.join(kdir, 'arch/x86/boot/bzImage'),
        os.path.join(TOP, 'scripts/guest-check.sh'), out,
        os.path.join(out, 'load'),
        *(os.path.join(directory, name + '.ko') for name in MODULES),
        *glob.glob(os.path.join(directory, 'selftests/*.ko')),
        *glob.glob(os.path.join(directory, 'selftests/*.sh')))
    verdict = run('python3', os.path.join(TOP, 'scripts/verdict.py'), out,
                  os.path.join(TOP, 'kunit/suites'), ksrc)
    with open(os.path.join(out, 'verdict'), 'w', encoding='utf-8') as file:
        file.write(verdict.stdout)
    if not boot and not verdict.returncode:
        return []
    return witnesses(out, verdict.stdout) or ['the guest did not power off']


def main():
    if len(sys.argv) < 6:
        sys.exit(__doc__)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit('terminated'))
    directory, kdir, ksrc, out, lock = sys.argv[1:6]
    sources = {name: read(TOP, name) for name in SOURCES}
    blocks = read(TOP, 'scripts/mutations').split('\n@ ')[1:]
    mutations = [Mutation(block) for block in blocks]
    mutants = [(mutation, mutation.apply(sources)) for mutation in mutations
               if not sys.argv[6:] or mutation.name in sys.argv[6:]]
    counts = {'passed': 0, 'failed': 0, 'skipped': 0}
    for mutation, mutant in mutants:
        for name, text in mutant.items():
            with open(os.path.join(directory, name), 'w', encoding='utf-8') as file:
                file.write(text)
        seen = judge(mutation, directory, kdir, ksrc,
                     os.path.join(out, mutation.name), lock)
        if seen:
            counts['passed'] += 1
            print(f'caught: {mutation.name}: {seen[0]}')
        elif mutation.reason and seen is not None:
            counts['skipped'] += 1
            print(f'survives: {mutation.name}: {mutation.reason}')
        else:
            counts['failed'] += 1
            what = 'it does not build' if seen is None else 'nobody sees it'
            print(f'NOT OK: {mutation.name} ({mutation.text}): {what}')
        sys.stdout.flush()
    print(', '.join(f'{count} {what}' for what, count in counts.items()))
    sys.exit(bool(counts['failed'] or not counts['passed']))


main()
