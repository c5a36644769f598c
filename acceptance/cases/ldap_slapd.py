# Copyright the carryall authors.  See LICENSE.
"""Debian's slapd beside ours: random operations get the same codes and entries, and our client uses
it.

A seed makes 500 operations for the server and the client of each runtime.
"""
PROVES = ['LDP-02', 'LDP-03', 'LDP-05', 'LDP-07']
NEEDS = ['slapd', 'ldapadd']
PACKAGES = {'slapd': 'slapd', 'ldapadd': 'ldap-utils'}
LONG = True
EACH_RUNTIME = False

TOP = 'dc=example,dc=org'
SECRET = 'a long secret'
CONFIGURATION = '''
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include /etc/ldap/schema/nis.schema
modulepath /usr/lib/ldap
moduleload back_mdb
access to * by * read
database mdb
maxsize 268435456
suffix %s
rootdn cn=admin,%s
rootpw "%s"
directory %s
'''
ENTRY = '''dn: dc=example,dc=org
objectClass: top
objectClass: dcObject
objectClass: organization
dc: example
o: example
'''


class Server:
    """A slapd in the scratch folder."""

    def __init__(self, stage, name='slapd'):
        folder = stage.path(name)
        stage.write(name + '/db/here', b'')
        self.port = stage.free_port()
        stage.write(name + '.conf', (CONFIGURATION % (TOP, TOP, SECRET, folder + '/db')).encode())
        self._process = stage.launch(['slapd', '-f', stage.path(name + '.conf'), '-h',
                                      'ldap://127.0.0.1:%d/' % self.port, '-d', 'config'],
                                     foreign=True)
        self._process.wait_for('slapd starting')
        stage.foreign('ldapadd', '-x', '-H', 'ldap://127.0.0.1:%d' % self.port, '-D',
                      'cn=admin,' + TOP, '-w', SECRET, data=ENTRY.encode())

    def stop(self):
        """Ends it."""
        self._process.signal('INT')
        self._process.wait()


def run(stage):
    """Our server and slapd, and the client of each runtime at both."""
    for number, serving in enumerate(stage.others):
        theirs = Server(stage, 'slapd%d' % number)
        ours = stage.start('carryall', 'serve', 'ldap', '-p', 'tcp:0', '--admin',
                           'admin=' + SECRET, runtime=serving)
        _, port = ours.address()
        program = stage.peer('ldap_operations.py', port, theirs.port, 500, number + 1,
                             runtime=serving)
        status = program.wait()
        stage.demand(status == 0 and ' 0 differ' in program.output, '%s and slapd: %s',
                     serving.name, program.output)
        said = stage.call('carryall', 'ldap', 'search', '-H', 'ldap://127.0.0.1:%d' % theirs.port,
                          '-b', TOP, '(ou=people)', runtime=serving)
        stage.demand('objectClass: organizationalUnit' in said, 'slapd tells %s %r', serving.name,
                     said)
        ours.stop()
        theirs.stop()
