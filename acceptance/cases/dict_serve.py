# Copyright the carryall authors.  See LICENSE.
"""carryall serve dict: Debian's dict, GNU dico and our client ask the server of each runtime.

dictfmt and dictzip have made its databases.  dico logs in by SASL.
"""
import os

PROVES = ['DIC-01', 'DIC-02', 'DIC-03', 'DIC-05', 'OTH-01']
NEEDS = ['dict', 'dictfmt', 'dictzip', 'dico']
PACKAGES = {'dict': 'dict', 'dictfmt': 'dictfmt', 'dictzip': 'dictzip', 'dico': 'dico'}
LONG = True
EACH_RUNTIME = False

WORDS = (':apple:\nA round fruit.\n.a line with a dot\n:apple pie:\nA pie.\n'
         ':banana:\nA long fruit.\n:caf\u00e9:\nA place.\n:foo-bar:\nA word.\n')
SECRET = 'a long secret'


def databases(stage):
    """Makes three: one compressed, one with all characters, one a list of words."""
    for name, flags in (('fruit', []), ('all', ['--allchars'])):
        stage.foreign('dictfmt', '-j', '--utf8', '-s', 'Fruit of ' + name, '-u', 'none',
                      *flags, stage.path(name), data=WORDS.encode('utf-8'))
    stage.foreign('dictzip', stage.path('fruit.dict'))
    stage.demand(not os.path.exists(stage.path('fruit.dict')), 'fruit.dict is there still')
    stage.write('own.txt', b'zebra\tAn animal.\\nWith stripes.\n')
    stage.write('secrets', b'ann ' + SECRET.encode() + b'\n')


def run(stage):
    """Each server in turn."""
    databases(stage)
    for serving in stage.others:
        server = stage.start('carryall', 'serve', 'dict', '-p', 'tcp:0', '-d', 'fruit=fruit',
                             '-d', 'all=all', '-d', 'own=own.txt', '--restricted', 'own',
                             '--secrets', 'secrets', runtime=serving)
        host, port = server.address()
        by_debian(stage, serving.name, host, port)
        by_dico(stage, serving.name, host, port)
        for asking in stage.others:
            by_ours(stage, '%s asking %s' % (asking.name, serving.name), host, port, asking)
        server.stop()


def by_debian(stage, name, host, port):
    """Asks with dict(1)."""
    def ask(*words, status=0):
        return stage.foreign('dict', '-P', '-', '-h', host, '-p', port, *words,
                             status=status).decode('utf-8')

    def demand(said, *parts):
        missing = [part for part in parts if part not in said]
        stage.demand(not missing, '%s tells dict %r, without %r', name, said, missing)

    demand(ask('apple'), '2 definitions found', 'From Fruit of fruit [fruit]:', 'A round fruit.',
           '\n  .a line with a dot\n')
    demand(ask('-d', 'fruit', 'caf\u00e9'), 'A place.')
    demand(ask('-d', '!', 'Apple Pie'), '1 definition found', 'A pie.')
    demand(ask('-d', 'all', 'foo-bar'), 'A word.')
    demand(ask('-d', 'fruit', 'foobar'), 'A word.')
    demand(ask('-m', '-s', 'prefix', 'app'), 'fruit:  apple  "apple pie"',
           'all:  apple  "apple pie"')
    for strategy, word in (('exact', 'banana'), ('prefix', 'ban'), ('substring', 'nan'),
                           ('suffix', 'nana'), ('re', '^b[an]+$'), ('soundex', 'bennana'),
                           ('lev', 'banan')):
        demand(ask('-d', 'fruit', '-m', '-s', strategy, word), 'banana')
    said = stage.foreign('sh', '-c', 'dict -h %s -p %s bananna 2>&1' % (host, port), status=None)
    demand(said.decode('utf-8'), 'perhaps you mean', 'banana')
    demand(ask('-D'), 'fruit', 'Fruit of all')
    demand(ask('-S'), 'exact', 'prefix', 'soundex', 'lev')
    demand(ask('-i', 'fruit'), 'The original data is available from')
    demand(ask('-I'), 'Fruit of fruit')
    demand(ask('-H'), 'DEFINE database word')
    demand(ask('-M', 'banana'), 'A long fruit.')
    stage.demand('zebra' not in ask('-d', '*', '-m', '-s', 'exact', 'zebra', status=None),
                 '%s shows a database to everybody', name)
    demand(ask('-u', 'ann', '-k', SECRET, '-d', 'own', 'zebra'), 'An animal.', 'With stripes.')
    said = ask('-u', 'ann', '-k', 'wrong', '-d', 'own', 'zebra', status=None)
    stage.demand('An animal.' not in said, '%s shows all to a wrong secret', name)


def by_dico(stage, name, host, port):
    """Logs in by each mechanism that dico and the server share, and by a wrong secret."""
    for mechanism, secret, shown in (('CRAM-MD5', SECRET, True), ('SCRAM-SHA-1', SECRET, True),
                                     ('SCRAM-SHA-256', SECRET, True), ('CRAM-MD5', 'x', False)):
        autologin = stage.write('autologin', (
            'machine %s login ann password "%s" sasl mechanism %s\n'
            % (host, secret, mechanism)).encode())
        os.chmod(autologin, 0o600)
        said = stage.foreign('sh', '-c', 'dico -v --autologin %s --host %s -p %s -d own zebra 2>&1'
                             % (autologin, host, port), status=None).decode('utf-8')
        parts = ['An animal.', 'SASL authentication succeeded']
        stage.demand([part in said for part in parts] == [shown] * 2, '%s, %s: dico says %r', name,
                     mechanism, said)


def by_ours(stage, name, host, port, asking):
    """Asks with our client."""
    said = stage.call('carryall', 'dict', '-h', host, '-p', port, 'caf\u00e9',
                      'dict://%s:%d/m:aple:fruit:lev' % (host, port), runtime=asking)
    stage.demand('A place.' in said and 'apple' in said, '%s: %r', name, said)
