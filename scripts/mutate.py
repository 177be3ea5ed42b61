#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""usage: mutate.py OUT CONFIG [--guest KIND BUILD KDIR KSRC IMAGE LOCK] [--names NAME...]

Break the modules as scripts/mutations.txt says, one way at a time, and print who
saw it: first the explorer (user/explore), on all CPUs; then, of what is left,
the KUnit suites and the selftests in a guest with the kernel of KDIR, whose image is
IMAGE, on the built copy BUILD of the project; KIND is for verdict.py. It is seen if a case fails,
if the kernel complains, or if the guest hangs twice. Each guest waits for the file LOCK, so that
others can run some in between. Without --guest what is left is skipped.

A mutation that nobody saw must be listed with a reason to survive, and one that
is so listed must not be seen. --names picks mutations.

The last line printed is "N passed, N failed, N skipped"; who survives for a
known reason counts as skipped. With SAMPLE=N in the environment the mutations are
drawn by chance from all lines of code, the same ones for each SEED: who survives is for
a person to look at, and counts as failed.
"""

import argparse
import concurrent.futures
import glob
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import time

from mutant import SOURCES, mutations, read, sample, write
from sources import TOP, modules, sources

ENGINE = sources('code', 'kworkerx')
# So many that are drawn, by SEED, instead of those of the list.
SAMPLE = int(os.environ.get('SAMPLE', 0))


class DoesNotBuild(Exception):
    pass


class Unclear(Exception):
    """A guest ended twice, and nothing says that the mutation is to blame."""


def run(*command, **kwargs):
    return subprocess.run(command, stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.STDOUT, check=False, **kwargs)


#
# The explorer
#

# Seconds that each of them gets for a mutant: a quick look first.
BUDGET = int(os.environ.get('BUDGET', 20))
BUDGETS = (BUDGET / 5, BUDGET)
EXPLORERS = ('explore', 'explore-plain')
JOBS = os.cpu_count()
FAILED = re.compile(r'NOT OK: (.*)')
# A scenario that took too long proves nothing.
TOO_LONG = 'crashed: CPU time limit exceeded'
# An engine that spins without end is for a guest to look at.
PATIENCE = 3


class Explorers:
    """The explorer, in a copy for each CPU whose engine is exchanged."""

    def __init__(self, out):
        first = os.path.join(out, 'explorer-0')
        shutil.copytree(os.path.join(TOP, 'user'), os.path.join(first, 'user'))
        for path in sources():
            os.makedirs(os.path.dirname(os.path.join(first, path)), exist_ok=True)
            shutil.copy(os.path.join(TOP, path), os.path.join(first, path))
        made = self.build(first, 'explore')
        if made.returncode:
            sys.exit(f'mutate.py: the explorer does not build:\n{made.stdout}')
        self.running = set()
        # What fails on the engine as it is proves nothing by failing.
        for program in EXPLORERS:
            if seen := self.watch(os.path.join(first, 'out', program), BUDGET, JOBS):
                sys.exit(f'mutate.py: the engine as it is: {program}: {seen}')
        self.idle = queue.SimpleQueue()
        self.idle.put(first)
        for number in range(1, JOBS):
            directory = os.path.join(out, f'explorer-{number}')
            shutil.copytree(first, directory)
            self.idle.put(directory)

    @staticmethod
    def build(directory, target):
        return run('make', '-s', '-C', os.path.join(directory, 'user'),
                   'O=../out', 'SRC=..', target)

    def explore(self, texts):
        """Return the scenario that fails, and how; None if none does."""
        directory = self.idle.get()
        try:
            write(texts, directory)
            for budget in BUDGETS:
                for program in EXPLORERS:
                    if self.build(directory, '../out/' + program).returncode:
                        raise DoesNotBuild
                    if seen := self.watch(os.path.join(directory, 'out', program),
                                          budget):
                        return f'{program}: {seen}'
            return None
        finally:
            self.idle.put(directory)

    def watch(self, program, budget, jobs=1):
        with subprocess.Popen((program, '--jobs', str(jobs),
                               '--budget', str(budget), '--stop-at-first'),
                              stdout=subprocess.PIPE, text=True, errors='replace',
                              stderr=subprocess.DEVNULL,
                              start_new_session=True) as explorer:
            self.running.add(explorer)
            slow = 0
            try:
                for line in explorer.stdout:
                    match = FAILED.match(line)
                    slow += TOO_LONG in line
                    if slow == PATIENCE:
                        break
                    if match and TOO_LONG not in line:
                        return match[1]
                return None
            finally:
                self.kill(explorer)
                self.running.discard(explorer)

    @staticmethod
    def kill(explorer):
        try:
            os.killpg(explorer.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def kill_all(self):
        for explorer in list(self.running):
            self.kill(explorer)


#
# The guest
#

SUBTEST = re.compile(r'\] {5}# Subtest: (\w+)')
NOT_OK = re.compile(r'\] {5}not ok \d+ (\w+)')
MODULES = (*modules(), 'kunit/kworkerx_kunit', 'kunit/kworkerx_hotplug_kunit')
# So many seconds without a word mean that the guest hangs.
HANGS = 'fell silent'
SILENCE = int(os.environ.get('SILENCE', 40))


class Guest:
    suites = os.path.join(TOP, 'kunit/suites')

    def __init__(self, out, kind, build, kdir, ksrc, image, lock):
        self.out, self.kind, self.directory = out, kind, build
        self.kdir, self.ksrc, self.image, self.lock = kdir, ksrc, image, lock

    def judge(self, name, texts):
        """Return who saw the mutation of that name, None if nobody did."""
        write(texts, self.directory)
        if run('make', '-C', self.kdir, 'M=' + self.directory, 'modules').returncode:
            raise DoesNotBuild
        seen, sure = self.look(name)
        if seen and not sure:
            # A slow machine or QEMU may be to blame.
            again, sure = self.look(name + '-again')
            if again and not sure and (HANGS not in seen or HANGS not in again):
                raise Unclear(f'{seen}, then {again}')
            seen = again
        return seen

    def look(self, name):
        """Return who sees it in one boot, None if nobody does; and if that is sure."""
        out = os.path.join(self.out, name)
        os.makedirs(out)
        with open(os.path.join(out, 'load'), 'w', encoding='utf-8') as file:
            file.writelines(os.path.basename(name) + '\n' for name in MODULES)
        end = self.boot(out)
        verdict = run('python3', os.path.join(TOP, 'scripts/verdict.py'), out,
                      self.suites, self.ksrc, self.kind)
        with open(os.path.join(out, 'verdict'), 'w', encoding='utf-8') as file:
            file.write(verdict.stdout)
        if not end and not verdict.returncode:
            return None, True
        return self.witness(out, verdict.stdout, end)

    def boot(self, out):
        """Run it until it ends, a test fails, or it has nothing to say.

        Return what went wrong, if anything did.
        """
        console = os.path.join(out, 'console.log')
        command = (
            'flock', self.lock, os.path.join(TOP, 'scripts/qemu.sh'), self.image,
            os.path.join(TOP, 'scripts/guest-check.sh'), out,
            os.path.join(out, 'load'),
            *(os.path.join(self.directory, name + '.ko') for name in MODULES),
            *glob.glob(os.path.join(self.directory, 'selftests/*.ko')),
            *glob.glob(os.path.join(self.directory, 'selftests/*.sh')))
        with subprocess.Popen(command, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL,
                              start_new_session=True) as guest:
            text, since = '', time.monotonic()
            try:
                while guest.poll() is None and not NOT_OK.search(text):
                    if text and time.monotonic() - since >= SILENCE:
                        return HANGS
                    time.sleep(0.5)
                    before, text = text, os.path.exists(console) and read(console) or ''
                    since = since if text == before else time.monotonic()
            finally:
                if guest.poll() is None:
                    os.killpg(guest.pid, signal.SIGTERM)
            return guest.wait() and 'did not power off'

    @staticmethod
    def witness(out, verdict, end):
        """Name the test that failed, or else what went wrong during which suite.

        And say if that is sure: that a guest dies without a word is not.
        """
        suite = None
        for line in read(out, 'console.log').splitlines():
            if match := SUBTEST.search(line):
                suite = match[1]
            elif match := NOT_OK.search(line):
                return f'{suite}: {match[1]}', True
        errors = sorted(re.findall(r'^error: (.*)', verdict, re.M),
                        key=lambda error: 'the kernel complained' not in error)
        finished = not end and not any('did not finish' in error for error in errors)
        for error in errors:
            if finished or 'the kernel complained' in error:
                return f'{suite}: {error}', True
        return f'the guest {end or "died"} in {suite}', False


#
# The list
#

class Report:
    """Prints what became of each mutation, and counts."""

    def __init__(self):
        self.counts = {'passed': 0, 'failed': 0, 'skipped': 0}
        self.seconds = {}
        self.caught = {}

    def say(self, count, text):
        self.counts[count] += 1
        print(text, flush=True)

    def seen(self, mutation, who, what):
        self.caught[who] = self.caught.get(who, 0) + 1
        if mutation.reason:
            self.say('failed', f'NOT OK: {mutation.name} no longer survives: '
                     f'{who}: {what}')
        else:
            self.say('passed', f'caught by {who}: {mutation.name}: {what}')

    def unseen(self, mutation):
        if mutation.reason:
            self.say('skipped', f'survives: {mutation.name}: {mutation.reason}')
        else:
            self.say('failed', f'NOT OK: {mutation.name} ({mutation.text}): '
                     'nobody sees it')

    def broken(self, mutation):
        if SAMPLE:
            self.say('skipped', f'does not build: {mutation.text}')
        else:
            self.say('failed', f'NOT OK: {mutation.name} ({mutation.text}): '
                     'it does not build')

    def sum_up(self):
        for who, seconds in self.seconds.items():
            print(f'{self.caught.get(who, 0)} caught by {who} in {seconds:.0f} s')
        print(', '.join(f'{count} {what}' for what, count in self.counts.items()))
        return bool(self.counts['failed'] or not self.counts['passed'])


def explore_all(explorers, mutants):
    """Yield each mutation, its sources and which scenario sees it, when known.

    Instead of a scenario that may be None, or DoesNotBuild.
    """
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        jobs = {pool.submit(explorers.explore, texts): (mutation, texts)
                for mutation, texts in mutants}
        try:
            for job in concurrent.futures.as_completed(jobs):
                error = job.exception()
                if error and not isinstance(error, DoesNotBuild):
                    raise error
                yield *jobs[job], DoesNotBuild if error else job.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            explorers.kill_all()
            raise


def of_engine(mutant, original):
    return any(mutant[name] != original[name] for name in ENGINE)


def by_explorer(out, original, mutants, report):
    """Report what the explorer sees; return the other mutants."""
    start = time.monotonic()
    explorers = Explorers(out)
    # It has the engine alone.
    left = [mutant for mutant in mutants if not of_engine(mutant[1], original)]
    mutants = [mutant for mutant in mutants if of_engine(mutant[1], original)]
    for mutation, texts, seen in explore_all(explorers, mutants):
        if seen is DoesNotBuild:
            report.broken(mutation)
        elif seen:
            report.seen(mutation, 'the explorer', seen)
        else:
            left.append((mutation, texts))
            print(f'the explorer does not see: {mutation.name}: {mutation.text}',
                  flush=True)
    report.seconds['the explorer'] = time.monotonic() - start
    return left


def by_guest(guest, mutants, report):
    """Report what the guest sees of these."""
    start = time.monotonic()
    for mutation, texts in mutants:
        try:
            seen = guest.judge(mutation.name, texts)
        except DoesNotBuild:
            report.broken(mutation)
            continue
        except Unclear as unclear:
            report.say('failed', f'NOT OK: {mutation.name}: {unclear}')
            continue
        if seen:
            report.seen(mutation, 'a guest', seen)
        else:
            report.unseen(mutation)
    report.seconds['a guest'] = time.monotonic() - start


def parse():
    parser = argparse.ArgumentParser(usage=__doc__[len('usage: '):])
    parser.add_argument('out')
    parser.add_argument('config')
    parser.add_argument('--guest', nargs=6)
    parser.add_argument('--names', nargs='*', default=[])
    return parser.parse_args()


def main():
    arguments = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit('terminated'))
    original = {name: read(TOP, name) for name in SOURCES}
    chosen = [mutation for mutation in mutations(arguments.config)
              if not arguments.names or mutation.name in arguments.names]
    if SAMPLE:
        chosen = sample(original, SAMPLE, os.environ.get('SEED', 1))
    mutants = [(mutation, mutation.apply(original)) for mutation in chosen]

    report = Report()
    left = by_explorer(arguments.out, original, mutants, report)
    if arguments.guest:
        by_guest(Guest(arguments.out, *arguments.guest), left, report)
    else:
        for mutation, _ in left:
            report.say('skipped', f'for a guest: {mutation.name}: {mutation.text}')
    sys.exit(report.sum_up())


if __name__ == '__main__':
    main()
