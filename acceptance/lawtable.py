# Copyright the carryall authors.  See LICENSE.
"""doc/loop-laws.md: which laws of the contract hold under which guest, from the runs of the case
``loops``.

    admin/accepttests loops                 runs the tests, keeps their results in build/loop-laws,
                                            and fails if the page says something else
    python3 -m acceptance.lawtable          writes the page from what was kept
    python3 -m acceptance.lawtable --check  compares, and tells the differences

Numbers of tests grow; what is compared is which laws hold, and which tests are left out and why.
"""
import json
import os
import re
import sys
import time

from acceptance.stage import ROOT

PAGE = os.path.join(ROOT, 'doc', 'loop-laws.md')
KEPT = os.path.join(ROOT, 'build', 'loop-laws')
KINDS = ('cpython', 'pypy', 'jython')
LAW = re.compile(r'::test_l(\d\d)_')
# The rows behind those of the laws, and the files of their tests.
OTHERS = (('accept, counters, files, processes, signals, Unix sockets', 'tests/contract/'),
          ('dialogs', 'test_dialogs.py'), ('both directions, storms, ends', 'test_toolkits.py'),
          ('ours drives theirs', ('test_trio_py3.py', 'test_asynciohost_py3.py')),
          ('the guest itself', ('test_win32.py', 'test_laws.py')))
HEAD = '''# Laws of the contract under each guest

For developers who choose a loop. Written by `python3 -m acceptance.lawtable` from the results of
`admin/accepttests loops`, which fails if this page says something else. [loops.md](loops.md) says
which loop to choose.

A row is a law (tests/contract; doc/design.md, section 3), a column a guest. A number is that of the
tests that hold. "6 of 8 a" means that two tests are left out for the reason *a* below. No test
fails.
'''
TAIL = '''
## Not run

| what | why |
|---|---|
| a message loop of Windows itself | no Windows here; a fake source of messages takes its place |
| wx on Windows and macOS, Tk on Windows, Swing on other systems | Linux alone is here |
| toolkits on Wayland | no compositor is among the components; X11 serves all of them |
| GTK, Qt and wx on PyPy | PyGObject, PyQt, PySide and wxPython have no packages for PyPy |
| uvloop on PyPy | it is written in Cython for CPython |
| Tk, GTK, Qt, wx, trio and asyncio on CPython 2.7 | their modules of today need Python 3 |
| Tk, GTK, Qt and wx on Jython | they are C extensions; Swing takes their place |
| ours drives theirs, Swing | Java's event dispatch thread runs itself |
| kqueue on BSD and macOS | tested with a fake; the real one where a system has it |
'''


def tally(name, version, path):
    """The results of a guest, from a file, as a dict for JSON."""
    rows = {}
    reasons = {}
    about = ''
    with open(path, encoding='ascii') as file:
        events = [json.loads(line) for line in file]
    for event in events:
        if event['event'] == 'session':
            about = event['about']
        elif event['event'] == 'test':
            row = rows.setdefault(_row_of(event['test']), {'passed': 0, 'skipped': 0, 'failed': 0})
            row[event['outcome']] += 1
            if event['outcome'] == 'skipped':
                reasons.setdefault(_row_of(event['test']), set()).add(event['reason'])
    return {'guest': name, 'version': version, 'python': about, 'rows': rows,
            'reasons': {row: sorted(each) for row, each in reasons.items()},
            'date': time.strftime('%Y-%m-%d', time.gmtime())}


def _row_of(test):
    """'L15', or one of OTHERS."""
    found = LAW.search(test)
    if found:
        return 'L%d' % int(found.group(1))
    for name, files in reversed(OTHERS):
        if any(each in test for each in ((files,) if isinstance(files, str) else files)):
            return name
    raise ValueError('a test of no row: ' + test)


def keep(kind, tallies):
    """Keeps the results of a kind of runtime for the page."""
    os.makedirs(KEPT, exist_ok=True)
    with open(os.path.join(KEPT, kind + '.json'), 'w', encoding='ascii') as file:
        json.dump(tallies, file, indent=1, sort_keys=True)


def kept():
    """Kind of runtime -> its tallies, of those that were kept."""
    found = {}
    for kind in KINDS:
        path = os.path.join(KEPT, kind + '.json')
        if os.path.exists(path):
            with open(path, encoding='ascii') as file:
                found[kind] = json.load(file)
    return found


def page(found):
    """The text of the page."""
    letters = {}
    parts = [HEAD]
    for kind in KINDS:
        if kind in found:
            parts.append(_section(found[kind], letters))
    notes = ['- (%s) %s.' % (letter, reason[:1].upper() + reason[1:].rstrip('.'))
             for reason, letter in letters.items()]
    return '\n'.join(parts) + '\nLeft out:\n\n' + '\n'.join(notes) + '\n' + TAIL


def _section(tallies, letters):
    """One kind of runtime."""
    lines = ['## %s, %s' % (_title(tallies[0]['python']), tallies[0]['date']), '',
             '| | %s |' % ' | '.join(each['guest'] for each in tallies),
             '|---|%s' % ('---:|' * len(tallies))]
    names = ['L%d' % number for number in range(1, 22)] + [name for name, _ in OTHERS]
    for name in names:
        cells = [_cell(each, name, letters) for each in tallies]
        if any(cell != '-' for cell in cells):
            lines.append('| %s | %s |' % (name, ' | '.join(cells)))
    lines.append('| all | %s |' % ' | '.join(
        str(sum(row['passed'] for row in each['rows'].values())) for each in tallies))
    lines += [''] + ['- %s: %s' % (each['guest'], each['version']) for each in tallies] + ['']
    return '\n'.join(lines)


def _title(about):
    """'CPython 3.11.2' from 'cpython 3.11.2 on linux'."""
    name, version = about.split()[:2]
    return '%s %s' % ({'cpython': 'CPython', 'pypy': 'PyPy', 'jython': 'Jython'}[name], version)


def _cell(tallied, name, letters):
    """'12', '6 of 8 a', '-'."""
    row = tallied['rows'].get(name)
    if row is None:
        return '-'
    if not row['skipped'] and not row['failed']:
        return str(row['passed'])
    used = [letters.setdefault(reason, 'abcdefghijklmnopqrstuvwxyz'[len(letters)])
            for reason in tallied['reasons'].get(name, ())]
    return '%d of %d %s' % (row['passed'], sum(row.values()), ' '.join(used))


def _state(cell, reasons):
    """The part of a cell that is compared: '-', 'holds', or the tests left out and why."""
    if cell == '-' or cell.isdigit():
        return '-' if cell == '-' else 'holds'
    passed, _of, count, *letters = cell.split()
    return '%d left out: %s' % (int(count) - int(passed),
                                ', '.join(sorted(reasons.get(each, each) for each in letters)))


def states(text):
    """(kind, guest, row) -> state, of a page."""
    reasons = {letter: reason.lower() for letter, reason in
               re.findall(r'^- \((\w)\) (.*)\.$', text, re.M)}
    found = {}
    kind = ''
    guests = []
    for line in text.splitlines():
        if line.startswith('## '):
            kind = line[3:].split()[0].lower()
            guests = []
        cells = [cell.strip() for cell in line.strip('|').split('|')]
        if not line.startswith('|') or kind not in KINDS or line.startswith('|---'):
            continue
        if not guests:
            guests = cells[1:]
        elif cells[0] != 'all':
            for guest, cell in zip(guests, cells[1:]):
                found[kind, guest, cells[0]] = _state(cell, reasons)
    return found


def differences(kind, tallies):
    """Sentences for what the page says otherwise than the tallies of a kind of runtime."""
    if not os.path.exists(PAGE):
        return ['there is no page']
    with open(PAGE, encoding='ascii') as file:
        said = {key: state for key, state in states(file.read()).items() if key[0] == kind}
    true = states(page({kind: tallies}))
    return ['%s under %s on %s: %s, and on the page %s'
            % (key[2], key[1], kind, true.get(key, 'not there'), said.get(key, 'not there'))
            for key in sorted(set(said) | set(true)) if said.get(key) != true.get(key)]


def main(words):
    """Writes the page, or compares it; the exit status."""
    found = kept()
    if not found:
        sys.stderr.write('nothing was kept in build/loop-laws: run admin/accepttests loops\n')
        return 2
    if '--check' in words:
        lines = [line for kind, tallies in found.items() for line in differences(kind, tallies)]
        print('\n'.join(lines) or 'the page says what the tests said on %s' % ', '.join(found))
        return 1 if lines else 0
    with open(PAGE, 'w', encoding='ascii') as file:
        file.write(page(found))
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
