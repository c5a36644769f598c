# Copyright the carryall authors.  See LICENSE.
"""Databases: 300 statements give the same on one file of SQLite on each runtime; stores move."""

PROVES = ['DBA-01', 'DBA-03', 'DBA-04']
NEEDS = []
TAKES = ['java']
PACKAGES = {'java': ('default-jre-headless', 'libxerial-sqlite-jdbc-java')}
EACH_RUNTIME = False

COUNT = 315                 # lines that the statements give


def said_by(stage, name, *words, runtime):
    """The lines of a peer that must come to its end."""
    peer = stage.peer(name, *words, runtime=runtime)
    status = peer.wait()
    lines = peer.output.split('\n')
    stage.demand(status == 0 and 'over' in lines, '%s on %s ended with %r:\n%s', name,
                 runtime.name, status, peer.output)
    return [line for line in lines if line and line != 'over']


def same(stage, wanted, found, what):
    """Demands that two lists of lines are the same."""
    different = [pair for pair in zip(wanted, found) if pair[0] != pair[1]]
    stage.demand(len(wanted) == len(found) and not different, '%s: %d lines and %d, first %r', what,
                 len(wanted), len(found), different[:1])


def run(stage):
    """Each runtime reads what the one before has left, and does the same again."""
    location = 'sqlite:' + stage.path('one.db')
    wanted = None
    for runtime in stage.others:
        found = said_by(stage, 'database_statements.py', location, runtime=runtime)
        if wanted is None:
            wanted = found
            stage.demand(len(found) == COUNT, 'there are %d lines', len(found))
        else:
            same(stage, wanted[1:], found[1:], runtime.name)
            same(stage, [wanted[-2].partition(': ')[2].partition(': ')[2]],
                 [found[0].partition(': ')[2]], 'what %s finds' % runtime.name)
    first = stage.others[0]
    moved(stage, first, 'sqlite:' + stage.path('old.db'), 'sqlite:' + stage.path('new.db'),
          'sqlite:' + stage.path('back.db'))


def moved(stage, runtime, source, target, back):
    """A store goes there and back, and has its rows."""
    rows = said_by(stage, 'database_store.py', source, 'fill', runtime=runtime)
    for one, other in ((source, target), (target, back)):
        said = stage.call('carryall', 'store', 'move', one, other, runtime=runtime)
        stage.demand('1200 rows' in said, 'store move says %r', said)
        same(stage, rows, said_by(stage, 'database_store.py', other, 'rows', runtime=runtime),
             'the rows after the move')
    said = stage.call('carryall', 'store', 'show', target, runtime=runtime)
    stage.demand('accounts' in said and '1200' in said, 'store show says %r', said)
