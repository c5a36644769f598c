# Copyright the carryall authors.  See LICENSE.
"""Personal servers of other users on other runtimes, as doc/distrib.md shows them: each with its
own uid, behind one carryall distrib."""
import os
import re
import shlex
import shutil
import subprocess
import tempfile

from acceptance.cases.distrib_recipe import status
from acceptance.stage import ROOT, Missing

PROVES = ['DIS-08']
NEEDS = ['curl', 'setpriv']
PACKAGES = {'setpriv': 'util-linux'}
LONG = True
EACH_RUNTIME = False

FIRST_UID = 64001           # not in use; it needs no name
PLACE = '/srv/'             # of the page
FRONT = 'carryall distrib --mount anna=unix:/srv/anna/pb --mount ben=unix:/srv/ben/pb'


def lines():
    """user -> the command that the page has sudo start."""
    with open(os.path.join(ROOT, 'doc', 'distrib.md'), encoding='utf-8') as file:
        text = file.read()
    if '    %s\n' % FRONT not in text:
        raise AssertionError('the page says something else')
    return re.findall(r'^    sudo -u (\w+) (.*)$', text, re.M)


def sides_of(stage, uid):
    """The runtimes that another user can run: an interpreter in a closed folder is not."""
    def runs(side):
        return subprocess.run(wrapper(uid) + list(side.command) + [stage.write('nothing.py', b'')],
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, env=side.environ('/nowhere'), cwd='/',
                              check=False).returncode == 0

    os.chmod(stage.folder, 0o755)
    return [side for side in stage.others if runs(side)]


def wrapper(uid):
    """A stand-in for sudo, for a user without a name."""
    return ['setpriv', '--reuid', str(uid), '--regid', str(uid), '--clear-groups']


def run(stage):
    """Each user on another runtime."""
    if os.getuid():
        raise Missing('root, to start programs as other users')
    users = lines()
    sides = sides_of(stage, FIRST_UID)
    if not sides:
        raise Missing('an interpreter that another user can run')
    folder = tempfile.mkdtemp(prefix='carryall-users-')
    os.chmod(folder, 0o755)
    try:
        for number, (name, line) in enumerate(users):
            uid = FIRST_UID + number
            home = os.path.join(folder, name)
            os.mkdir(home)
            with open(os.path.join(home, 'index.html'), 'w', encoding='utf-8') as page:
                page.write('the page of %s\n' % name)
            os.chmod(home, 0o700)
            for path in (home, os.path.join(home, 'index.html')):
                os.chown(path, uid, uid)
            words = shlex.split(line.replace(PLACE, folder + '/'))
            side = sides[number % len(sides)]
            words = words[words.index('carryall') if 'carryall' in words
                          else words.index('bin/carryall'):]
            process = stage.start('carryall', *words[1:], runtime=side, cwd=home,
                                  before=wrapper(uid))
            process.wait_for('listening: personal on ')
            sock = os.path.join(home, 'pb')
            stage.demand(os.stat(sock).st_uid == uid and os.stat(sock).st_mode & 0o777 == 0o600,
                         'the socket of %s is open to other users', name)
            with open('/proc/%d/status' % process.popen.pid, encoding='utf-8') as told:
                stage.demand('Uid:\t%d\t%d' % (uid, uid) in told.read(),
                             'it does not run as %s', name)
        front = stage.start(*shlex.split(FRONT.replace(PLACE, folder + '/')), '--port', '0')
        for name, _ in users:
            got = status(stage, 'http://127.0.0.1:%d/%s/' % (front.address()[1], name))
            stage.demand(got == (200, b'the page of %s\n' % name.encode()), '%s shows %r',
                         name, got)
        front.stop()
    finally:
        shutil.rmtree(folder)
