# Copyright the carryall authors.  See LICENSE.
"""carryall fetchmail from Dovecot, and from our own servers of every runtime."""
import os
import pwd
import smtplib
import subprocess

from acceptance.servers import ports, wait_until_up
from acceptance.stage import Missing

PROVES = ['POP-05', 'POP-07']
NEEDS = ['dovecot']
LONG = True
PACKAGES = {'dovecot': 'dovecot-pop3d'}

CONFIG = '''
base_dir = {0}/run
state_dir = {0}/state
log_path = {0}/log
protocols = pop3
listen = 127.0.0.1
ssl = {2}
ssl_cert = <{0}/server.pem
ssl_key = <{0}/server.key
disable_plaintext_auth = no
auth_mechanisms = plain login cram-md5 scram-sha-256
default_login_user = {3}
default_internal_user = {3}
mail_location = maildir:{0}/box
mail_uid = {4}
mail_gid = {5}
first_valid_uid = 1
passdb {{
  driver = passwd-file
  args = {0}/users
}}
userdb {{
  driver = static
  args = uid={4} gid={5} home={0}
}}
service pop3-login {{
  chroot =
  inet_listener pop3 {{
    port = {1}
  }}
  inet_listener pop3s {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
'''


def fetch(stage, *words, status=0, password='secret'):
    """Runs our client; what it says."""
    env = dict(stage.runtime.environ(stage.folder), CARRYALL_PASSWORD=password)
    done = subprocess.run(stage.command('carryall', 'fetchmail', *words), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env=env, cwd=stage.folder, timeout=90,
                          stdin=subprocess.DEVNULL)
    said = done.stdout.decode('utf-8', 'replace')
    stage.demand(done.returncode == status and 'Traceback' not in said,
                 'fetchmail %s ended with %d and said: %s', words, done.returncode, said)
    return said


def run(stage):
    """Dovecot, then ours."""
    from_dovecot(stage)
    from_ours(stage)


def from_dovecot(stage):
    """STLS with its certificate checked, the mechanisms, only what is new, deletion."""
    if os.getuid() != 0:
        raise Missing('root, to run a private Dovecot')
    stage.call('carryall', 'cert', 'make', '-o', 'server.pem', 'localhost', '127.0.0.1')
    owner = pwd.getpwnam('nobody')
    os.chmod(stage.folder, 0o755)
    for folder in ('box', 'box/new', 'box/cur', 'box/tmp', 'run', 'state'):
        os.makedirs(stage.path(folder), exist_ok=True)
    for folder in ('box', 'box/new', 'box/cur', 'box/tmp'):
        os.chown(stage.path(folder), owner.pw_uid, owner.pw_gid)
    for number in range(5):
        path = stage.write('box/new/%d.M1P%d.host' % (1000 + number, number),
                           b'Subject: number %d\n\nhello\n.\n..two\n' % number)
        os.chown(path, owner.pw_uid, owner.pw_gid)
    stage.write('users', b'anna:{PLAIN}secret\n')
    port = stage.free_port()
    stage.write('dovecot.conf',
                CONFIG.format(stage.folder, port, 'yes', 'nobody', owner.pw_uid,
                              owner.pw_gid).encode())
    server = stage.launch(['dovecot', '-F', '-c', stage.path('dovecot.conf')], foreign=True)
    try:
        wait_until_up(stage, port, 'dovecot')
        place = ('--server', 'localhost:%d' % port, '--user', 'anna')
        said = fetch(stage,
                     *(place + ('--tls', 'must', '--trust', stage.path('server.pem'), 'Mail')))
        stage.demand('5 new messages' in said and len(os.listdir(stage.path('Mail/new'))) == 5,
                     'it said %s', said)
        stage.demand('0 new messages' in fetch(stage, *(place + ('Mail',))),
                     'it fetches again what it has')
        for way in ('PLAIN', 'LOGIN', 'CRAM-MD5', 'SCRAM-SHA-256', 'USER'):
            said = fetch(stage,
                         *(place + ('--tls', 'none', '--clear-auth', '--auth', way, '--all',
                                    'Mail-' + way)))
            stage.demand('5 new messages' in said, '%s: %s', way, said)
        for name in os.listdir(stage.path('Mail/new')):
            data = stage.read('Mail/new/' + name)
            stage.demand(data.endswith(b'\n\nhello\n.\n..two\n'), 'a message is %r', data)
        fetch(stage, *(place + ('--clear-auth', '--no-keep', 'Mail')))
        stage.demand(not os.listdir(stage.path('box/new'))
                     and not os.listdir(stage.path('box/cur')), 'they are still at Dovecot')
        stage.demand(len(os.listdir(stage.path('Mail/new'))) == 5, 'they are here twice')
        said = fetch(stage, *(place + ('--clear-auth', 'Mail')), status=1, password='wrong')
    finally:
        server.end()


def from_ours(stage):
    """Our client of this runtime from our server of each."""
    for other in stage.others:
        server = stage.start('carryall', 'mail', '-d', 'a.example=boxes-' + other.name, '-u',
                             'anna=secret', '--smtp', '0', '--pop3', '0', runtime=other)
        port = ports(server)
        client = smtplib.SMTP('127.0.0.1', port['smtp'], timeout=60)
        for number in range(3):
            client.sendmail('x@far.example', ['anna@a.example'],
                            b'Subject: number %d\r\n\r\nhello\r\n.\r\n..two\r\n' % number)
        client.quit()
        folder = 'Mail-' + other.name
        new = stage.path('boxes-' + other.name, 'anna', 'new')
        stage.until(lambda: os.path.isdir(new) and len(os.listdir(new)) == 3,
                    'three messages at the server')
        said = fetch(stage, '--server', '127.0.0.1:%d' % port['pop3'], '--user', 'anna',
                     '--no-keep', folder)
        stage.demand('3 new messages' in said and len(os.listdir(stage.path(folder, 'new'))) == 3
                     and not os.listdir(new), '%s: %s', other.name, said)
        server.stop()
