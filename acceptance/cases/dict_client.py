# Copyright the carryall authors.  See LICENSE.
"""carryall dict: each runtime's client asks Debian's dictd."""
import os

PROVES = ['DIC-04', 'DIC-05']
NEEDS = ['dictd', 'dictfmt', 'dictzip']
PACKAGES = {'dictd': 'dictd', 'dictfmt': 'dictfmt', 'dictzip': 'dictzip'}
EACH_RUNTIME = False

WORDS = (':apple:\nA round fruit.\n.a line with a dot\n:apple pie:\nA pie.\n'
         ':banana:\nA long fruit.\n:caf\u00e9:\nA place.\n')
SECRET = 'a long secret'
CONFIG = '''global {
  site %(folder)s/site
}
access {
  allow 127.0.0.1
}
database fruit {
  data "%(folder)s/fruit.dict.dz"
  index "%(folder)s/fruit.index"
}
database own {
  data "%(folder)s/own.dict"
  index "%(folder)s/own.index"
  access {
    user ann
  }
}
user ann "%(secret)s"
'''


def start(stage):
    """Starts dictd; its port."""
    for name in ('fruit', 'own'):
        stage.foreign('dictfmt', '-j', '--utf8', '-s', 'The %s' % name, '-u', 'none',
                      stage.path(name), data=WORDS.encode('utf-8'))
    stage.foreign('dictzip', stage.path('fruit.dict'))
    stage.write('site', b'Ask ann.\n')
    config = CONFIG % {'folder': stage.folder, 'secret': SECRET}
    path = stage.write('dictd.conf', config.encode())
    os.chmod(stage.folder, 0o755)       # started as root, it becomes another user
    port = stage.free_port()
    stage.launch(['dictd', '-d', 'nodetach', '-c', path, '-p', str(port), '--listen-to',
                  '127.0.0.1', '--locale', 'C.UTF-8', '--pid-file', stage.path('dictd.pid')],
                 foreign=True)

    def answers():
        try:
            stage.connect(('127.0.0.1', port)).close()
        except OSError:
            return False
        return True

    stage.until(answers, 'dictd')
    return port


class Asking:
    """Our client on one runtime."""

    def __init__(self, stage, port, runtime):
        self._stage = stage
        self._runtime = runtime
        self._words = ['carryall', 'dict', '-h', '127.0.0.1', '-p', port]

    def shows(self, words, *parts, status=0, secret=SECRET):
        """Demands that a call shows all of these."""
        self._stage.variables['CARRYALL_PASSWORD'] = secret
        said = self._stage.call(*self._words, *words, runtime=self._runtime, status=status)
        missing = [part for part in parts if part not in said]
        self._stage.demand(not missing and 'Traceback' not in said, '%s shows %r, without %r',
                           self._runtime.name, said, missing)


def run(stage):
    """Everything on the first runtime, what differs between them on the others."""
    port = start(stage)
    url = 'dict://127.0.0.1:%d/' % port
    for runtime in stage.others:
        asking = Asking(stage, port, runtime)
        asking.shows(['-u', 'ann', 'apple', 'caf\u00e9', url + 'm:app:fruit:prefix'],
                     'The fruit [fruit]:', 'A round fruit.', '\n  .a line with a dot\n', 'A place.',
                     'The own [own]:', 'apple pie')
        asking.shows(['appple'], 'did you mean', 'apple', status=1)
    asking = Asking(stage, port, stage.others[0])
    asking.shows(['-m', '-s', 'prefix', 'app'], 'apple pie')
    asking.shows(['-D'], 'fruit', 'The fruit')
    asking.shows(['-S'], 'soundex')
    asking.shows(['-I', 'fruit'], 'The original data')
    asking.shows(['--server-info'], 'Ask ann.')
    asking.shows([url + 'd:banana:fruit'], 'A long fruit.')
    asking.shows(['-d', 'nowhere', 'apple'], 'invalid database', status=1)
    asking.shows(['-d', 'own', 'apple'], 'invalid database', status=1)
    asking.shows(['-u', 'ann', 'apple'], 'denied', status=1, secret='wrong')
