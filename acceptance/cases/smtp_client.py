# Copyright the carryall authors.  See LICENSE.
"""carryall sendmail to Postfix (smtp-sink and a private instance), aiosmtpd, and our own servers of
every runtime."""
import os
import shutil
import subprocess
import sys

from acceptance import foreign
from acceptance.cases.smtp import mails
from acceptance.servers import certificate, ports, wait_until_up
from acceptance.stage import Missing

PROVES = ['SMT-05', 'SMT-12', 'SMT-14']
NEEDS = ['smtp-sink', 'postfix']
LONG = True
PYTHON = ('aiosmtpd',)
PACKAGES = {'smtp-sink': 'postfix', 'postfix': 'postfix'}

MESSAGE = ('From: anna@a.example\nTo: Carl <carl@b.example>\nCc: dora@b.example\n'
           'Bcc: hidden@b.example\nSubject: gr\xfc\xdfe\n\nhello\n.\n..dots\nend\n').encode('utf-8')
BODY = b'\r\n\r\nhello\r\n.\r\n..dots\r\nend\r\n'


def send(stage, *words, data=MESSAGE, status=0, password=None):
    """Runs our client with *data* on its stdin; what it says."""
    env = dict(stage.runtime.environ(stage.folder), CARRYALL_PASSWORD=password or '')
    done = subprocess.run(stage.command('carryall', 'sendmail', *words), input=data,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env,
                          cwd=stage.folder,
                          timeout=90)
    said = done.stdout.decode('utf-8', 'replace')
    stage.demand(done.returncode == status and 'Traceback' not in said,
                 'sendmail %s ended with %d and said: %s', words, done.returncode, said)
    return said


def run(stage):
    """One server after the other."""
    to_smtp_sink(stage)
    to_aiosmtpd(stage)
    to_postfix(stage)
    to_ours(stage)


def to_smtp_sink(stage):
    """The dialogue on the wire, kept by Postfix's sink; without ESMTP, without pipelining, and as
    LMTP."""
    os.chmod(stage.folder, 0o755)
    folder = stage.path('sunk')
    os.mkdir(folder)
    os.chmod(folder, 0o777)
    user = ['-u', 'nobody'] if os.getuid() == 0 else []
    for words, more in (([], []), (['-e'], []), (['-p'], []), (['-L'], ['--lmtp'])):
        port = stage.free_port()
        sink = subprocess.Popen(['smtp-sink'] + user + words
                                + ['-d', 'one.', '127.0.0.1:%d' % port, '100'], cwd=folder)
        try:
            wait_until_up(stage, port, 'smtp-sink')
            send(stage, '-t', '-i', '-f', 'anna@a.example', '--server', '127.0.0.1:%d' % port,
                 *more,
                 data=MESSAGE.replace('gr\xfc\xdfe'.encode(), b'hello'))
            stage.until(lambda: any(BODY.replace(b'\r\n', b'\n').rstrip() in data
                                    for data in sunk(stage)), 'the message at smtp-sink %s' % words)
            for data in sunk(stage):
                stage.demand(b'Bcc' not in data and data.count(b'X-Rcpt-Args: ') in (0, 3),
                             'smtp-sink %s got %r', words, data)
        finally:
            sink.kill()
            sink.wait()
        for name in os.listdir(folder):
            os.remove(os.path.join(folder, name))


def sunk(stage):
    """The messages that smtp-sink has kept, with LF."""
    return [stage.read('sunk/' + name).replace(b'\r\n', b'\n')
            for name in os.listdir(stage.path('sunk'))]


AIOSMTPD = '''
import sys, asyncio, time
from aiosmtpd.controller import Controller
class Sink:
    async def handle_DATA(self, server, session, envelope):
        open(sys.argv[2], 'ab').write(repr((envelope.mail_from, envelope.rcpt_tos,
                                             envelope.content)).encode() + b'\\n')
        return '250 kept'
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith('unknown'):
            return '550 unknown'
        envelope.rcpt_tos.append(address)
        return '250 ok'
controller = Controller(Sink(), hostname='127.0.0.1', port=int(sys.argv[1]), enable_SMTPUTF8=True)
controller.start()
time.sleep(600)
'''


def to_aiosmtpd(stage):
    """Python's other server."""
    env = dict(os.environ, PYTHONPATH=foreign.python_path('aiosmtpd'))
    stage.write('aio.py', AIOSMTPD.encode())
    port = stage.free_port()
    server = subprocess.Popen([sys.executable, stage.path('aio.py'), str(port),
                               stage.path('aio.txt')], env=env)
    try:
        wait_until_up(stage, port, 'aiosmtpd')
        place = ('--server', '127.0.0.1:%d' % port)
        said = send(stage, '-i', '-f', 'anna@a.example',
                    *(place + ('carl@b.example', 'unknown@b.example')), status=1)
        stage.demand('unknown@b.example: 550 unknown' in said and 'carl' not in said, 'it said %r',
                     said)
        send(stage, '-i', '-f', '\xfc@a.example', *(place + ('b\xfc@b.example',)))
        big = b'Subject: big\n\n' + b'.' * 70 + b'\n' + b'x' * 900 + b'\n' * 2 + (
            b'0123456789abcdef' * 4 + b'\n') * 80000
        send(stage, '-i', '-f', 'anna@a.example', *(place + ('carl@b.example',)), data=big)
        got = [eval(line) for line in stage.read('aio.txt').decode().splitlines()]
        stage.demand(got[0][1] == ['carl@b.example'] and got[0][2].endswith(BODY)
                     and got[1][0] == '\xfc@a.example', 'aiosmtpd got %r', got[:2])
        stage.demand(got[2][2].endswith(big.replace(b'\n', b'\r\n')),
                     'the message of 5 MiB has other bytes')
    finally:
        server.kill()
        server.wait()


MAIN_CF = '''
compatibility_level = 3.6
queue_directory = {0}/queue
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
data_directory = {0}/data
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = postfix.example
mydestination =
alias_maps =
mynetworks = 127.0.0.0/8
virtual_mailbox_domains = b.example
virtual_mailbox_base = {0}/boxes
virtual_mailbox_maps = static:all/
virtual_uid_maps = static:{1}
virtual_gid_maps = static:{2}
maillog_file = {0}/log/mail.log
maillog_file_prefixes = {0}
smtpd_tls_cert_file = {0}/all.pem
smtpd_tls_security_level = may
default_process_limit = 10
'''
MASTER_CF = '''
127.0.0.1:{0} inet n - n - - smtpd
127.0.0.1:{1} inet n - n - - smtpd -o smtpd_tls_cert_file={3}/broken.pem
127.0.0.1:{2} inet n - n - - smtpd -o smtpd_tls_protocols=!TLSv1.2,!TLSv1.3
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
proxymap unix - - n - - proxymap
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
error unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
'''


def to_postfix(stage):
    """A private Postfix: STARTTLS with its certificate checked, pipelining, chunking, DSN."""
    if os.getuid() != 0:
        raise Missing('root, to run a private Postfix')
    import pwd
    owner = pwd.getpwnam('postfix')
    certificate(stage)
    root = stage.path('postfix')
    for name in ('etc', 'queue', 'data', 'boxes', 'boxes/all', 'log'):
        os.makedirs(os.path.join(root, name), exist_ok=True)
    os.chmod(stage.folder, 0o755)
    for name in ('data', 'boxes', 'boxes/all', 'log'):
        os.chown(os.path.join(root, name), owner.pw_uid, owner.pw_gid)
    shutil.copy(stage.path('all.pem'), os.path.join(root, 'all.pem'))
    # The certificate without its key: STARTTLS is offered, and answered with 454.
    shutil.copy(stage.path('server.pem'), os.path.join(root, 'broken.pem'))
    port, refusing, breaking = (stage.free_port() for _ in range(3))
    stage.write('postfix/etc/main.cf', MAIN_CF.format(root, owner.pw_uid, owner.pw_gid).encode())
    stage.write('postfix/etc/master.cf', MASTER_CF.format(port, refusing, breaking, root).encode())
    config = os.path.join(root, 'etc')
    stage.foreign('postfix', '-c', config, 'start', status=None)
    try:
        wait_until_up(stage, port, 'postfix')
        send(stage, '-t', '-i', '-f', 'anna@a.example', '--server', 'localhost:%d' % port, '--tls',
             'must', '--trust', 'server.pem')
        send(stage, '-t', '-i', '-f', 'anna@a.example', '--server', '127.0.0.1:%d' % port, '--tls',
             'none')
        boxes = os.path.join(root, 'boxes', 'all', 'new')
        stage.until(lambda: os.path.isdir(boxes) and len(os.listdir(boxes)) == 6,
                    'three recipients, twice, at Postfix')
        for name in os.listdir(boxes):
            with open(os.path.join(boxes, name), 'rb') as file:
                data = file.read()
            stage.demand(data.endswith(BODY.replace(b'\r\n', b'\n'))
                         and b'hidden@' not in data.partition(b'From: anna')[2],
                         'Postfix stored %r', data)
        to_postfix_whose_tls_fails(stage, boxes, (refusing, breaking))
    finally:
        stage.foreign('postfix', '-c', config, 'stop', status=None)


def to_postfix_whose_tls_fails(stage, boxes, places):
    """STARTTLS is answered with 454, or its handshake breaks: mail goes in clear with ``may``, and
    not with ``must``."""
    count = len(os.listdir(boxes))
    for place, fault in zip(places, ('454', 'TLS could not be begun')):
        words = ('-i', '-f', 'anna@a.example', '--server', 'localhost:%d' % place)
        said = send(stage, *(words + ('carl@b.example',)))
        stage.demand('in clear' in said and fault in said, 'sendmail says %r', said)
        send(stage, *(words + ('--tls', 'must', '--trust', 'server.pem', 'carl@b.example')),
             status=1)
        relay = stage.start('carryall', 'mail', '-d', 'a.example=relay-%d' % place, '-u',
                            'anna=secret', '--smtp', '0', '--pop3', 'none',
                            '--smart-host', '127.0.0.1:%d' % place, '--relay-network', '127.0.0.1')
        send(stage, '-i', '-f', 'anna@a.example', '--server', '127.0.0.1:%d' % ports(relay)['smtp'],
             'dora@b.example')
        relay.wait_for(r'to dora@b\.example: relayed')
        stage.demand('in clear' in relay.output,
                     'the relay does not say that mail goes in clear:\n%s', relay.output)
        relay.stop()
        count += 2
        stage.until(lambda: len(os.listdir(boxes)) == count,
                    '%d messages at a Postfix whose TLS fails' % count)


def to_ours(stage):
    """Our client of this runtime to our server of each, with a login."""
    for other in stage.others:
        server = stage.start('carryall', 'mail', '-d', 'b.example=boxes-' + other.name, '-u',
                             'anna=secret', '-u', 'carl=secret', '-u', 'dora=secret', '-u',
                             'hidden=secret',
                             '--smtp', '0', '--pop3', '0', '--submission', '0', runtime=other)
        port = ports(server)
        send(stage, '-t', '-i', '-f', 'x@far.example', '--server', '127.0.0.1:%d' % port['smtp'])
        send(stage, '-i', '-f', 'anna@b.example', '--user', 'anna', '--server',
             '127.0.0.1:%d' % port['submission'], 'carl@b.example', password='secret')
        said = send(stage, '-i', '-f', 'anna@b.example', '--user', 'anna', '--server',
                    '127.0.0.1:%d' % port['submission'], 'carl@b.example', password='wrong',
                    status=1)
        stage.demand('535' in said, 'a wrong password gives %r', said)
        for mail in mails(stage, port['pop3'], 2, 'carl'):
            stage.demand(mail.endswith(BODY), 'carl has %r', mail)
        server.stop()
