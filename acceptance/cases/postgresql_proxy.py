# Copyright the carryall authors.  See LICENSE.
"""PostgreSQL behind pgbouncer, whose sessions go from one client to another with each transaction:
the client prepares what it can, and is refused in words."""
import os
import pwd

from acceptance.cases.postgresql import SECRET, USER, Server

PROVES = ['DBA-04', 'DBA-05']
NEEDS = ['pgbouncer', 'psql', 'setpriv']
PACKAGES = {'psql': ('postgresql-client-common', 'postgresql-15'), 'setpriv': 'util-linux',
            'pgbouncer': 'pgbouncer'}
EACH_RUNTIME = False

SETTINGS = """[databases]
postgres = host=127.0.0.1 port=%d dbname=postgres

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = scram-sha-256
auth_file = %s
pool_mode = transaction
default_pool_size = 2
"""


def run(stage):
    """The same on each runtime."""
    server = Server(stage)
    port = stage.free_port()
    users = stage.write('users', ('"app" "%s"\n' % SECRET).encode())
    settings = stage.write('settings', (SETTINGS % (server.port, port, users)).encode())
    words = ['pgbouncer', settings]
    if not os.getuid():
        user = pwd.getpwnam(USER)
        for path in (users, settings):
            os.chown(path, user.pw_uid, user.pw_gid)
        words = ['setpriv', '--reuid', str(user.pw_uid), '--regid', str(user.pw_gid),
                 '--clear-groups'] + words
    proxy = stage.launch(words, foreign=True)
    proxy.wait_for('process up')
    location = server.location.replace(':%d/' % server.port, ':%d/' % port)
    for runtime in stage.others:
        peer = stage.peer('postgresql_proxy.py', location, runtime=runtime)
        status = peer.wait()
        lines = peer.output.split('\n')
        refusals = [line for line in lines if line.startswith('refused: ')]
        stage.demand(status == 0 and 'asked: 480' in lines and len(refusals) == 2,
                     '%s ended with %r:\n%s', runtime.name, status, peer.output)
    server.stop()
