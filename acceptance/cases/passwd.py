# Copyright the carryall authors.  See LICENSE.
"""carryall passwd: what one runtime writes every other one checks; nothing shows,
nothing is lost."""
import os
import stat
import subprocess

PROVES = ['X-15']
NEEDS = []
LONG = True
EACH_RUNTIME = False
SECRET = b'Tr0ub4dor-and-3'


def run(stage):
    """Sets on each side, checks on each; wrong ones; many at once; kill -9."""
    for side in stage.others:
        for scheme in ('pbkdf2-sha256', 'scram-sha-256'):
            passwd(stage, side, '--stdin', '--scheme', scheme, 'users',
                   '%s-%s' % (side.name, scheme))
    data = stage.read('users')
    stage.demand(SECRET not in data and data.count(b'\n') == 2 * len(stage.others),
                 'the file is %r', data)
    stage.demand(stat.S_IMODE(os.stat(stage.path('users')).st_mode) == 0o600, 'others can read it')
    for writer in stage.others:
        for reader in stage.others:
            for scheme in ('pbkdf2-sha256', 'scram-sha-256'):
                passwd(stage, reader, '--check', '--stdin', 'users',
                       '%s-%s' % (writer.name, scheme))
            passwd(stage, reader, '--check', '--stdin', 'users', writer.name + '-pbkdf2-sha256',
                   status=1, data=b'wrong\n')
    at_once(stage)
    killed(stage)
    for words in (('users',), ('users', 'an:na'), ('--list', 'users', 'anna'),
                  ('--list', '--check', 'users', 'anna')):
        said = stage.call('carryall', 'passwd', *words, status=2)
        stage.demand('Traceback' not in said and said.strip(), '%s gives: %s', words, said)
    said = stage.call('carryall', 'passwd', 'users', 'anna', status=2)
    stage.demand('terminal' in said, 'without a terminal: %s', said)


def passwd(stage, side, *words, status=0, data=SECRET + b'\n'):
    """Runs it on a side, with the password on stdin."""
    said = stage.foreign(*stage.command('carryall', 'passwd', *words, runtime=side), data=data,
                         status=status)
    stage.demand(SECRET not in said, 'it shows the password')


def at_once(stage):
    """All sides add an account at the same time: every line is there in the end."""
    writers = []
    for side in stage.others:
        argv = stage.command('carryall', 'passwd', '--stdin', 'many', side.name, runtime=side)
        writers.append(subprocess.Popen(argv, cwd=stage.folder, stdin=subprocess.PIPE,
                                        stdout=subprocess.DEVNULL))
    for writer in writers:
        writer.stdin.write(SECRET + b'\n')
        writer.stdin.close()
    for writer in writers:
        stage.demand(writer.wait(120) == 0, 'a writer ended with status %s', writer.returncode)
    stage.demand(stage.read('many').count(b'\n') == len(writers), 'a line was lost: %r',
                 stage.read('many'))


def killed(stage):
    """kill -9 at some moment of its life: the old file or the new one,
    and the next one can write."""
    before = stage.read('many')
    writer = subprocess.Popen(stage.command('carryall', 'passwd', '--stdin', 'many', 'killed'),
                              cwd=stage.folder, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    writer.stdin.write(SECRET + b'\n')
    writer.stdin.close()
    try:
        writer.wait(0.35)
    except subprocess.TimeoutExpired:
        writer.kill()
        writer.wait()
    after = stage.read('many')
    stage.demand(after == before or after.startswith(before) and after.count(b'\n') == before.count(
        b'\n') + 1,
                 'the file is torn: %r', after)
    passwd(stage, stage.runtime, '--stdin', 'many', 'after')
