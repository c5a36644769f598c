# Copyright the carryall authors.  See LICENSE.
"""``admin/fuzz``: for so many seconds each,
play scripts made by chance with what ``tests/fuzz`` names."""
import argparse
import faulthandler
import logging
import os
import random
import sys
import time
import traceback

from admin.fuzzing.mutation import mutated
from admin.fuzzing.reach import Reach
from admin.suite import ROOT

CORPUS = os.path.join(ROOT, 'tests', 'fuzz', 'corpus')
HANG_SECONDS = 60.0         # of one script; then the stacks are shown and the run ends
SLOW_SECONDS = 5.0          # of one script; it counts as a fault
KEPT_OCTETS = 9000          # of one target's file in the corpus
LONGEST_KEPT = 1200         # octets of a script that is kept
MAX_FAULTS = 5              # of one target: then it is somebody's turn to mend them


def main():
    """Runs; returns the exit status: 1 if there was a fault."""
    sys.path.insert(0, ROOT)
    from tests.fuzz.targets import FAMILIES, TARGETS, family
    options = _arguments(sorted(FAMILIES), sorted(TARGETS))
    logging.getLogger().addHandler(logging.NullHandler())
    logging.getLogger('carryall').setLevel(logging.ERROR)
    names = options.names or sorted(FAMILIES)
    faults = 0
    for name in names:
        targets = family(name)
        for target in targets:
            faults += fuzz(target, options.seconds / len(targets), options)
    return 1 if faults else 0


def _arguments(families, targets):
    parser = argparse.ArgumentParser(
        prog='admin/fuzz', description='Play scripts made by chance with the protocols; what '
                                       'breaks is written to build/fuzz.',
        epilog='protocols: %s; or one of their parts: %s' % (', '.join(families),
                                                             ', '.join(targets)))
    parser.add_argument('names', nargs='*', metavar='PROTOCOL', choices=families + targets + [[]],
                        help='only these')
    parser.add_argument('--seconds', type=float, default=60.0,
                        help='for each protocol (default: %(default)g)')
    parser.add_argument('--seed', type=int, help='of the chance; the present time unless given')
    parser.add_argument('--blind', action='store_true', help='do not look at what code is reached: '
                                                             'some times faster, on PyPy many')
    parser.add_argument('--keep', action='store_true', help='write the shortest scripts that reach '
                                                            'all that was reached to '
                                                            'tests/fuzz/corpus')
    return parser.parse_args()


def fuzz(target, seconds, options):
    """Fuzz one target; how many faults there were."""
    from tests.fuzz import script as scripts
    seed = int(time.time()) if options.seed is None else options.seed
    dice = random.Random('%s %d' % (target.name, seed))
    path = os.path.join(CORPUS, target.name + '.txt')
    pool = list(target.seeds) + (scripts.load(path) if os.path.exists(path) else [])
    reach = None if options.blind else Reach(target.watched)
    known = set()
    reached = []
    faults = []
    runs = 0
    begin = time.monotonic()
    for one in pool:
        known |= _one(target, one, reach, faults, reached)
    fresh = 0
    while time.monotonic() - begin < seconds and len(faults) < MAX_FAULTS:
        one = mutated(dice.choice(pool), pool, target.words, dice)
        found = _one(target, one, reach, faults, reached if reach else None, known)
        runs += 1
        if found - known:
            known |= found
            pool.append(one)
            fresh += 1
    for number, (one, why) in enumerate(faults):
        _report(target, one, why, seed, number, scripts)
    print('%-14s seed %d: %d scripts in %d s, %d reached something new, %d places reached, %d '
          'faults'
          % (target.name, seed, runs, time.monotonic() - begin, fresh, len(known), len(faults)),
          flush=True)
    if options.keep and reach is not None:
        _keep(target, reached, path, scripts)
    return len(faults)


def _one(target, script, reach, faults, reached, known=frozenset()):
    """Plays one script; what it reached."""
    faulthandler.dump_traceback_later(HANG_SECONDS, exit=True)
    begin = time.process_time()
    found = set()
    try:
        if reach is None:
            target.check(script)
        else:
            _, found = reach.of(target.run, script)
            if found - known or not known:
                target.check(script)
        if time.process_time() - begin > SLOW_SECONDS:
            faults.append((script, 'it took %.1f s' % (time.process_time() - begin)))
    except Exception:
        faults.append((script, traceback.format_exc()))
        return set()
    finally:
        faulthandler.cancel_dump_traceback_later()
    if reached is not None and found - known and _size(script) <= LONGEST_KEPT:
        reached.append((script, found))
    return found


def _size(script):
    return sum(len(what) if isinstance(what, bytes) else 4 for _kind, what in script)


def _report(target, script, why, seed, number, scripts):
    folder = os.path.join(ROOT, 'build', 'fuzz')
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, '%s-%d-%d.txt' % (target.name, seed, number))
    scripts.save(path, [script], 'a script of %s that must not end as it does' % target.name)
    print('%s: %s\n%s' % (target.name, os.path.relpath(path, ROOT), why), flush=True)


def _keep(target, reached, path, scripts):
    """Writes the scripts that are needed, the shortest first, as long as there is room; those of
    the seeds need not be written.
    """
    seeds = [scripts.text_of(seed) for seed in target.seeds]
    known = set()
    kept = []
    left = KEPT_OCTETS
    for script, found in sorted(reached, key=lambda row: (scripts.text_of(row[0]) not in seeds,
                                                          _size(row[0]))):
        text = scripts.text_of(script)
        if text in seeds:
            known |= found
        elif found - known and len(text) < left:
            known |= found
            left -= len(text) + 1
            kept.append(script)
    if kept:
        os.makedirs(CORPUS, exist_ok=True)
        scripts.save(path, kept, 'Scripts that reach code of %s which the seeds do not; admin/fuzz '
                                 '--keep writes this file.' % target.name)
