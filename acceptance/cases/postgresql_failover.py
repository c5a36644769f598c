# Copyright the carryall authors.  See LICENSE.
"""PostgreSQL under five thousand inserts at a time: a backend dies of SIGKILL, then the server; its
standby takes over.  Each insert is answered or fails as lost; nothing is done twice or missing."""
import os
import signal

from acceptance.cases.postgresql import Server

PROVES = ['DBA-01', 'DBA-05', 'DBA-07']
NEEDS = ['psql', 'setpriv']
PACKAGES = {'psql': ('postgresql-client-common', 'postgresql-15'), 'setpriv': 'util-linux'}
LONG = True
EACH_RUNTIME = False

DONE = ['doubled: 0', 'missing: 0', 'unknown: 0', 'all told: True', 'over']
BACKENDS = "SELECT pid FROM pg_stat_activity WHERE application_name = 'carryall'"
FOLLOWERS = 'SELECT count(*) FROM pg_stat_replication'
# What is answered is on both servers.
SYNCHRONOUS = ('-c', 'synchronous_standby_names=*')


def asked(stage, server, text):
    """The answer of psql."""
    return stage.foreign('psql', server.location, '-XAtc', text).decode().strip()


def run(stage):
    """On each runtime, with two servers of its own."""
    for runtime in stage.others:
        primary = Server(stage, 'primary-' + runtime.name)
        standby = Server(stage, 'standby-' + runtime.name, primary)
        primary.stop()
        primary.start(*SYNCHRONOUS)
        stage.until(lambda: asked(stage, primary, FOLLOWERS) == '1', 'the standby follows')
        location = primary.location.replace('127.0.0.1:%d' % primary.port,
                                            '127.0.0.1:%d,127.0.0.1:%d'
                                            % (primary.port, standby.port))
        storm = stage.peer('postgresql_failover.py', location + '?target_session_attrs=read-write',
                           runtime=runtime)
        storm.seconds = 600.0
        os.kill(int(storm.wait_for(r'pipelined: (\d+)').group(1)), signal.SIGKILL)
        storm.wait_for('under way: backend')
        os.kill(int(asked(stage, primary, BACKENDS).split()[0]), signal.SIGKILL)
        storm.wait_for('under way: server')
        primary.kill()
        asked(stage, standby, 'SELECT pg_promote(true, 60)')
        status = storm.wait()
        lines = storm.output.split('\n')
        missing = [line for line in DONE if line not in lines]
        stage.demand(status == 0 and not missing, '%s lacks %r and ended with %r:\n%s',
                     runtime.name, missing, status, storm.output)
        standby.stop()
