# Copyright the carryall authors.  See LICENSE.
"""FTP, finger and whois, Telnet and its console, SOCKS and HTTP CONNECT, port forwarding."""
from __future__ import absolute_import, division, print_function

import zlib

from carryall.core.auth.checkers import MemoryChecker
from carryall.core.auth.guard import LoginGuard
from carryall.core.auth.portal import Portal
from carryall.core.net.deadlines import Sweeper
from carryall.core.future import Return, coroutine
from carryall.app.proxies import parse_proxy
from carryall.core.wrap.proxyprotocol import ProxyProtocol
from carryall.core.tls import Identity, TLSContext
from carryall.protocols import finger, whois
from carryall.protocols.ftp import facts, hostport, listparser, namepattern, otp, pathname, url
from carryall.protocols.ftp import wire as ftpwire
from carryall.protocols.ftp import connect as connect_ftp
from carryall.protocols.portforward import Forwarder, Meter, Terms
from carryall.protocols.simple.echo import EchoClient
from carryall.protocols.socks import client as socks_client
from carryall.protocols.socks import Gate, Rules, Settings, SOCKSServer
from carryall.protocols.socks.wire import parse_datagram
from carryall.protocols.telnet import comport, linemode, mud, options, wire
from carryall.protocols import telnet
from carryall.protocols.telnet import ClientSettings
from carryall.protocols.telnet import StartTLS
from carryall.services.console.service import _Roles
from carryall.services.console.session import ConsoleSession
from carryall.services.ftp.memoryfiles import MemoryFiles
from tests.fuzz.runs import Far
from tests.fuzz.target import ClientTarget, GrammarTarget, ServerTarget, lines
from tests.protocols.ftp.stage import make_site
from tests.protocols.telnet.pairs import Noting

__all__ = ['ALL']

TLS = TLSContext(Identity('server.pem'))        # NullTLS reads no file

# -- FTP ---------------------------------------------------------------------
IN = (b'USER anna', b'PASS secret', b'TYPE I')
FILES = {b'a.txt': b'hello\nworld\n', b'd/big': bytes(bytearray(range(256))) * 300, b'd/e/f': b'x',
         b'.h': b'h', b'd/caf\xc3\xa9': b'latte'}
FTP_SEEDS = [
    lines(b'SYST', b'FEAT', b'HELP', b'HELP RETR', b'HOST x', b'AUTH TLS')
    + lines(b'PBSZ 0', b'PROT P', *IN) + lines(b'PWD', b'STAT', b'QUIT'),
    lines(*(IN + (b'CWD d', b'CDUP', b'MKD n', b'RMD n', b'RNFR a.txt', b'RNTO b', b'DELE b',
                  b'SIZE d/big', b'MDTM d/big', b'MLST d', b'STAT d'))),
    lines(*(IN + (b'EPSV',))) + [('join', 0)] + lines(b'RETR d/big', b'PASV') + [('join', 0)]
    + lines(b'LIST -laR') + lines(b'EPSV')
    + [('join', 0)] + lines(b'MLSD d') + lines(b'REST 5', b'EPSV') + [('join', 0)]
    + lines(b'RETR a.txt'),
    lines(*(IN + (b'PASV',))) + [('join', 0)] + lines(b'STOR up')
    + [('far', b'some octets'), ('far-eof', None)] + lines(b'TYPE A', b'EPSV')
    + [('join', 0)] + lines(b'APPE up') + [('far', b'a\r\nb\rc\n'), ('far-eof', None)]
    + lines(b'EPSV') + [('join', 0)] + lines(b'STOU')
    + [('far', b'x')] + lines(b'ABOR') + lines(b'NLST *p*'),
    lines(*(IN + (b'EPSV', b'RETR d/big', b'NOOP', b'STAT')))
    + [('say', b'\xff\xf4\xff\xf2ABOR\r\n')] + [('wait', 40)]
    + lines(b'EPSV ALL', b'PORT 127,0,0,1,8,8'),
    lines(*(IN + (b'PORT 127,0,0,1,200,1', b'LIST', b'EPRT |1|127.0.0.1|50000|', b'NLST',
                  b'LPRT 4,4,127,0,0,1,2,200,1', b'LPSV', b'EPRT |2|::1|50000|'))),
    lines(*(IN + (b'OPTS UTF8 OFF', b'OPTS MLST type;size;', b'OPTS HASH MD5', b'HASH d/big',
                  b'XCRC a.txt', b'RANG 2 5', b'XMD5 a.txt', b'MODE Z', b'EPSV')))
    + [('join', 0)] + lines(b'RETR a.txt') + lines(b'OPTS MODE Z LEVEL 9', b'EPSV') + [('join', 0)]
    + lines(b'STOR z') + [('far', b'x\x9c\x03\0\0\0\0\1'), ('far-eof', None)],
    lines(*(IN + (b'SITE HELP', b'SITE CHMOD 644 a.txt', b'SITE UTIME 20260101000000 a.txt',
                  b'SITE IDLE 60', b'SITE UMASK 022', b'SITE WHO', b'MFMT 20260101000000 a.txt',
                  b'MFF modify=20260101000000;UNIX.mode=0600; a.txt', b'AVBL', b'LANG', b'CLNT x',
                  b'ALLO 9', b'ACCT x', b'SMNT x', b'REIN', b'TYPE L 8', b'STRU R'))),
    lines(b'USER x', b'PASS y', b'USER x', b'PASS y', b'USER x', b'PASS y'),
    lines(*IN) + [('wait', 400)], [('wait', 130)],
    [('clog', None)] + lines(*(IN + (b'HELP',) * 40)) + [('unclog', None)],
    lines(*(IN + (b'EPSV',))) + [('join', 0), ('lose', None)],
    lines(*(IN + (b'EPSV',))) + [('join', 0)] + lines(b'STOR up')
    + [('far', b'half'), ('far-lose', None)] + lines(b'NOOP', b'QUIT')]
FTP_WORDS = [verb + b' '
             for verb in b'''USER PASS ACCT REIN QUIT HOST AUTH PBSZ PROT CCC PASV PORT EPSV EPRT LPSV LPRT TYPE MODE STRU ALLO REST RANG RETR STOR APPE
    STOU ABOR LIST NLST MLSD MLST STAT CWD CDUP PWD MKD RMD DELE RNFR RNTO SIZE MDTM MFMT MFF HASH XCRC XMD5 AVBL NOOP SYST FEAT OPTS HELP LANG SITE XCUP'''.split()] + [
        b'TLS', b'UTF8 OFF', b'A', b'I', b'127,0,0,1,', b'|1|127.0.0.1|', b'|2|::1|', b'..', b'/',
        b'//', b'*', b'[a-z]', b'-laR ', b'CHMOD ', b'UTIME ', b'd/big', b'a.txt',
        b'\xff\xf4\xff\xf2', b'\xff\xff', b'\xff\xfd', b'\xff\xfa', b'\xff\xf0', b'20260229', b';',
        b'ALL', b'P']


def _ftp(run):
    return make_site(run.loop, MemoryFiles(FILES, run.loop.wall, 200000), tls=TLS, digests=True,
                     message_file=b'a.txt', show_users=True)()


@coroutine
def _visit_ftp(loop):
    session = yield connect_ftp(loop, '127.0.0.1', 2121, starttls=TLS)
    found = []
    try:
        yield session.login(u'anna', b'secret', b'acct')
        known = yield session.features()
        entries = yield session.entries(b'd')
        size = yield session.size(b'x')
        modified = yield session.modified(b'x')
        names = yield session.names()
        upload = MemoryFiles(octets=100000).store((b'got',))
        count = yield session.retrieve(b'x', upload, 3)
        folder = yield session.folder()
        found = [sorted(known), entries and len(entries), size, modified, names, count, folder]
        yield session.quit()
    finally:
        session.close()
    raise Return(found)


FTP_CLIENT_SEEDS = [
    [('say', b'220 hi\r\n'), ('say', b'234 go\r\n'), ('say', b'200 PBSZ=0\r\n'),
     ('say', b'200 ok\r\n'), ('say', b'331 otp-md5 99 ab12 ext\r\n'),
     ('say', b'230-x\r\n230 in\r\n'),
     ('say', b'211-F\r\n MLST type*;size*;\r\n UTF8\r\n REST STREAM\r\n211 End\r\n'),
     ('say', b'200 utf8\r\n'), ('say', b'229 (|||50000|)\r\n'), ('say', b'150 go\r\n'),
     ('far', b'type=file;size=3; a\r\ntype=dir; ..\r\ntype=dir; d\r\n'), ('far-eof', None),
     ('say', b'226 ok\r\n'), ('say', b'200 I\r\n'), ('say', b'213 3\r\n'),
     ('say', b'213 20260101000000\r\n'), ('say', b'229 (|||50000|)\r\n'), ('say', b'125 go\r\n'),
     ('far', b'a\r\nb\r\n'), ('far-eof', None), ('say', b'226 ok\r\n'), ('say', b'350 ok\r\n'),
     ('say', b'229 (|||50000|)\r\n'), ('say', b'150 go\r\n'), ('far', b'octets'), ('far-eof', None),
     ('say', b'226 ok\r\n'), ('say', b'257 "/a""b" x\r\n'), ('say', b'221 bye\r\n')],
    [('say', b'220 hi\r\n'), ('say', b'234 go\r\n'), ('say', b'200 PBSZ=0\r\n'),
     ('say', b'200 ok\r\n'), ('say', b'332 acct\r\n'), ('say', b'230 in\r\n'),
     ('say', b'502 no\r\n'),
     ('say', b'502 no\r\n'), ('say', b'227 (127,0,0,1,195,80)\r\n'), ('say', b'150 go\r\n'),
     ('far', b'total 1\r\n-rw-r--r--   1 u g 3 Jan  1  2026 a\r\n01-02-26  03:04PM <DIR> '
             b'd\r\n+i8388621.48594,m825718503,r,s280,\tf\r\n'), ('far-lose', None),
     ('say', b'426 no\r\n')],
    [('say', b'421 no\r\n')], [('say', b'120 wait\r\n'), ('wait', 100)],
    [('say', b'220-x\r\n 220 y\r\n220 z\r\n'), ('eof', None)]]
FTP_CLIENT_WORDS = [b'220 ', b'220-', b'331 ', b'332 ', b'230 ', b'234 ', b'200 ', b'211-',
                    b'229 (|||50000|)', b'227 (127,0,0,1,195,80)', b'150 ', b'226 ', b'213 ',
                    b'350 ', b'421 ', b'426 ', b'550 ', b'257 "/"', b'otp-sha1 5 seed', b'\xff\xfd',
                    b'MLST ', b'type=', b'20260101000000', b'total 1\r\n', b'-rw-r--r-- ', b'\r\n']


def _parse_reply(data):
    parser = ftpwire.ReplyParser()
    for line in data.split(b'\r\n'):
        parser.feed(line)


def _parse_names(data):
    pathname.unquoted(data)
    path = pathname.resolve((b'a',), pathname.to_storage(data, True))
    if any(not name or name in (b'.', b'..') or b'/' in name for name in path):
        raise ValueError('a path leads to %r' % (path,))
    if pathname.unquoted(pathname.quoted(data)) != data and b'\r' not in data and b'\n' not in data:
        raise ValueError('what is quoted is not what was')


def _parse_listing(data):
    found = listparser.parse_listing(data, 1767225600.0)
    for entry in found or ():
        if not listparser.is_plain(entry.name):
            raise ValueError('a listing names %r' % (entry.name,))


def _parse_otp(data):
    otp.find_challenge(data)
    otp.parse_response(data)


def _match(data):
    name, _, pattern = data.partition(b' ')
    namepattern.matches(name[:200], pattern[:200])


def _parse_url(data):
    url.parse_url(data.decode('latin-1'))


FTP_GRAMMAR_CALLS = [
    _parse_reply, _parse_names, _parse_listing, _parse_otp, _match, _parse_url, hostport.parse_port,
    hostport.parse_eprt, hostport.parse_long, hostport.parse_pasv_reply, hostport.parse_epsv_reply,
    facts.parse_facts, facts.parse_time, facts.chosen_facts, parse_datagram]
FTP_GRAMMAR_SEEDS = [[('say', what)] for what in (
    b'220-x\r\n220-y\r\n220 z', b'127,0,0,1,4,1', b'|2|::1|50000|', b'4,4,1,2,3,4,2,5,6',
    b'(|||80|)', b'x (1,2,3,4,5,6)', b'type=file;size=3;UNIX.mode=0644; a b',
    b'20260229123456.789', b'otp-md5 99 seed', b'hex: 9e87 6134 d904 99dd',
    b'OUST COAT FOAL MUG BEAK TOTE', b'aaaaaaaaab *a*a*a*[!a-]?', b'ftp://a:b@[::1]:21/%2Fx;type=a',
    b'total 5\r\ndrwxr-xr-x+  2 root wheel 512 Feb 29 12:34 a b -> c\r\nlrwx------ 1 1 1 0 Dec 31  '
    b'1999 l -> ../x',
    b'02-29-24  11:59PM      12,345 x y', b'+/,m0,\tdir',
    b'A.TXT;1  3/6  1-JAN-2026 12:34:56  [G,U]  (RWED,R,,)', b'/a/../b//./c',
    b'"a""b" is', b'type;size;')]

# -- finger and whois --------------------------------------------------------
FINGER_SEEDS = [lines(line) for line in (b'', b'ann', b'/W ann', b'ann@host.example', b'/W @a@b',
                                         b'two words', b'evil')] + [
    [('say', b'ann\n')], [('say', b'ann')] + [('wait', 100)], [('say', b'ann'), ('eof', None)],
    [('clog', None)] + lines(b'big') + [('unclog', None)]]
FINGER_WORDS = [b'/W ', b'@', b'ann', b'\r\n', b'\n', b'big', b'evil', b'\x1b[', b'\t',
                b'host.example']


class _Records(object):
    """Some records."""

    def answer(self, text, host):
        """Text."""
        return _People().answer(text, True, host)


class _People(finger.Directory):
    """Some answers."""

    def answer(self, user, verbose, host):
        """Text."""
        return {u'ann': u'Ann\nlong' if verbose else u'Ann', u'big': u'x\n' * 50000,
                u'evil': u'\x1b[2J\x07\x9b\u202e\t\r'}.get(user, u'who?')


@coroutine
def _ask(loop):
    answer = yield finger.fetch(loop, finger.Query(b'ann', (), True), '127.0.0.1', 79)
    shown = finger.clean(answer.decode('utf-8', 'replace'))
    place = whois.referral(answer)
    if any(ord(char) < 32 and char not in u'\n\t' or 0x7f <= ord(char) < 0xa0 for char in shown):
        raise ValueError('it shows %r' % shown)
    raise Return((shown, place))


FINGER_CLIENT_SEEDS = [[('say', what), ('eof', None)] for what in (
    b'Login: ann\r\nPlan:\r\n\x1b[31mred\r\n', b'refer: whois.example.net\nwhois: a:99\n',
    b'\xff\xfe\r\r\n\0', b'')] + [[('say', b'x'), ('lose', None)], [('wait', 200)]]

# -- Telnet ------------------------------------------------------------------
TELNET_SEEDS = [[('say', what)] for what in (
    b'hello\r\n\xff\xff\r\0\r\nx',
    b'\xff\xfb\x1f\xff\xfa\x1f\0\x50\0\x18\xff\xf0\xff\xfb\x18\xff\xfa\x18\0XTERM\xff\xf0',
    b'\xff\xfd\x01\xff\xfd\x03\xff\xfe\x01\xff\xf6',
    b'\xff\xfb\x27\xff\xfa\x27\0\0USER\1ann\3X\1y\xff\xf0',
    b'\xff\xfb\x22\xff\xfa\x22\1\x03\xff\xf0\xff\xfa\x22\3\1\x42\x03\xff\xf0',
    b'\xff\xfd\x05\xff\xfa\x05\1\xff\xf0', b'\xff\xfb\x2a\xff\xfa\x2a\1;UTF-8;X\xff\xf0',
    b'\xff\xfb\x20\xff\xfa\x20\x0038400,38400\xff\xf0\xff\xfb\x23\xff\xfa\x23\0h:0.1\xff\xf0',
    b'\xff\xfb\x2e\xff\xfa\x2e\1\xff\xf0\x16\x03\x01',
    b'\xff\xfd\x56\xff\xfb\x57\xff\xfa\x57\xff\xf0\x78\x9c\x03\0\0\0\0\1',
    b'\xff\xfb\x2c\xff\xfa\x2c\1\0\0\x25\x80\xff\xf0',
    b'\xff\xfd\xc9\xff\xfa\xc9Core.Hello {}\xff\xf0\xff\xfd\x46',
    b'\xff\xfd\x57\xff\xfa\x57\xff\xf0' + zlib.compress(b'in')
    + b'clear \xff\xfa\x57\xff\xf0\xff\xfa\x56\xff\xf0again',
    b'\xff\xfb\0\xff\xfd\0\r\n\xff\xf2\xff\xf4\xff\xf3\xff\xef\xff\xfa\0\xff\xf0\xff\xf1',
    b'\xff\xfb\x06\xff\xfd\x06\xff\xfb\x21\xff\xfa\x21\1\xff\xf0',
    b'\xff\xfc\x1f\xff\xfe\1\xff\xfb\1')]
TELNET_WORDS = [b'\xff' + verb for verb in (b'\xfb', b'\xfc', b'\xfd', b'\xfe', b'\xfa', b'\xf0',
                                            b'\xff', b'\xf4', b'\xf6', b'\xf2')] + [
    b'\r\0', b'\r\n', b'\xff\xf0', b'\x1f', b'\x18', b'\x22', b'\x27', b'\x2a', b'\x2e', b'\x56',
    b'\x57', b'\xc9', b'\x2c', b'\x05', b'\x20', b'\x21', b'\x23', b'\x45', b'\0', b'\1',
    b'\2', b'\3']


def _options(loop, far):
    """All there are, for one side or the other."""
    return [options.Window(True, True), options.TerminalType(True, True, [b'A', b'B']),
            options.Speed(True, True), options.XDisplay(True, True, b'h:0'),
            options.Environment(True, True, {b'USER': b'ann'}), options.Charset(asking=far),
            options.FlowControl(ours=True), options.Status(ours=True, theirs=True),
            options.TimingMark(), linemode.LineMode(True, True),
            StartTLS(loop, TLS, far, 'localhost'), mud.Compress(True, True),
            mud.CompressBack(True, True),
            mud.ServerStatus(True, True), mud.Messages(True, True), comport.ComPort(True, True)]


class _Shown(Noting):
    """Tells what it has understood, at the end of what it says."""

    def __init__(self, run):
        Noting.__init__(self)
        self._run = run
        for option in _options(run.loop, True):
            self.add_option(option)

    def connection_made(self, transport):
        Noting.connection_made(self, transport)
        for number in (wire.NAWS, wire.TTYPE, wire.CHARSET, wire.LINEMODE):
            self.ask_peer(number)
        self.ask_us(wire.ECHO)

    def connection_lost(self, exc):
        self._run.said.append(repr((self.text, self.commands, self.values, self.changes)).encode(
            'utf-8'))


@coroutine
def _visit_telnet(loop):
    settings = ClientSettings(terminal=b'XTERM', variables={b'USER': b'ann', b'DISPLAY': b'h:0'},
                              linemode=True, compress=True)
    client = yield telnet.connect(loop, '127.0.0.1', settings=settings)
    client.add_option(StartTLS(loop, TLS, False, 'localhost'))
    found = []
    try:
        until = yield client.read_until(b'login: ')
        client.write(b'ann\n')
        found.append(until)
        while True:
            text = yield client.read()
            found.append(text)
            if not text:
                break
    finally:
        client.transport.close()
    raise Return(b''.join(found))


class _Console(object):
    """What the service is to its sessions; a guest may look at a few things."""

    banner = u'hi'
    idle_seconds = 1800.0

    def __init__(self, loop):
        self.loop = loop
        self.portal = Portal(_Roles([u'guest']), [MemoryChecker({u'guest': b'guest'})])
        self.guard = LoginGuard(loop, ban_after=5)

    def namespace(self):
        """Values of every kind."""
        return {'table': {'key': [1, b'two', u'three', None, 4.0]}, 'number': 7,
                'kind': MemoryFiles, 'call': len}

    def greeting(self, role):
        """Text."""
        return u'hello\n'

    def record(self, who, text):
        """Nowhere."""


def _telnet_console(run):
    return ConsoleSession(_Console(run.loop))


AGREE = b'\xff\xfd\x01\xff\xfd\x03\xff\xfb\x1f\xff\xfc\x18\xff\xfa\x1f\0\x50\0\x18\xff\xf0'
CONSOLE_SEEDS = [
    [('wait', 1)] + lines(b'guest', b'guest', b'ls', b'ls table', b"look table['key'][0]",
                          b'doc kind', b'help', b'quit'),
    [('wait', 1)] + lines(b'x', b'y', b'x', b'y', b'x', b'y'),
    [('say', AGREE),
     ('say', b'guest\r\0guest\r\0ls\r\0\x1b[A\x1b[D\x1b[Dx\x7f\x01\x05\x0b\x17\t\x03look '
             b'nu\t\r\0\x04')],
    [('say', AGREE), ('say', b'guest\rguest\r\x1b[200~ls\nls '
                             b'table\n\x1b[201~\x12\x15\x0c\x1bOH\x1bOF\x1b[3~caf\xc3\xa9\r')],
    [('wait', 100)], [('say', b'early\r\n' * 5), ('wait', 1), ('eof', None)],
    [('wait', 1)] + lines(b'guest', b'guest')
    + [('say', b'\xff\xf4\xff\xfa\x2a\2latin-1\xff\xf0\xe9\r\n\xff\xfa\x1f\0\5\0\1\xff\xf0')]]
CONSOLE_WORDS = TELNET_WORDS + [b'guest\r\n', b'ls ', b'look ', b'doc ', b'table', b"['key']",
                                b'[0]', b'.', b'\x1b[A', b'\x1b[B', b'\x1b[C', b'\x1b[D',
                                b'\x1b[3~', b'\x1b[200~',
                                b'\x1b[201~', b'\x7f', b'\x03', b'\x04', b'\t', b'\x01', b'\x05',
                                b'\x0b', b'\x15', b'\x17', b'\x12', b'\xe2\x82\xac', AGREE]

# -- SOCKS -------------------------------------------------------------------
SOCKS_SEEDS = [[('say', what)] for what in (
    b'\4\1\0P\x7f\0\0\1ann\0', b'\4\1\0P\0\0\0\1ann\0host.example\0', b'\4\2\0\0\x7f\0\0\1\0',
    b'\5\1\0', b'\5\2\0\2\5\1\0\1\x7f\0\0\1\0P', b'\5\1\0\5\3\0\1\0\0\0\0\0\0',
    b'\5\1\2\1\3ann\6secret\5\1\0\3\x0chost.example\0P', b'\5\1\0\5\2\0\1\0\0\0\0\0\0',
    b'\5\1\0\5\1\0\4' + b'\0' * 15 + b'\1\0P', b'\5\2\1\x80', b'\5\1\0\5\x09\0\1\0\0\0\0\0\0',
    b'CONNECT host.example:80 HTTP/1.1\r\nHost: host.example:80\r\nProxy-Authorization: Basic '
    b'YW5uOnNlY3JldA==\r\n\r\n', b'GET / HTTP/1.0\r\n\r\n', b'CONNECT [::1]:80 HTTP/1.0\n\n',
    b'\0')] + [
        [('say', b'\5\1\0\5\1\0\1\x7f\0\0\1\0P'), ('say', b'question'), ('far', b'answer'),
         ('far-eof', None), ('say', b'more'), ('eof', None)],
        [('say', b'\5\1\0\5\2\0\1\0\0\0\0\0\0'), ('join', 0), ('far', b'called'),
         ('say', b'heard')], [('say', b'\4\1\0P'), ('wait', 100)],
        [('say', b'\4\1\0P\x7f\0\0\1\0'), ('clog', None), ('far', b'x' * 3000), ('unclog', None),
         ('far-lose', None)]]
SOCKS_WORDS = [b'\4', b'\5', b'\1', b'\2', b'\3', b'\0', b'\5\1\0', b'\5\1\2', b'\1\3ann\6secret',
               b'\x7f\0\0\1', b'\0P', b'host.example', b'CONNECT ', b' HTTP/1.1\r\n', b'Host: ',
               b'\r\n\r\n', b'Proxy-Authorization: Basic ', b'YW5uOnNlY3JldA==', b'\5\1\0\1',
               b'\5\3\0\4', b':80', b'[::1]']


def _socks(run):
    run.loop.listen_tcp(lambda: Far(run), '127.0.0.1', 80)
    run.loop.listen_tcp(lambda: Far(run), '192.0.2.7', 80)
    terms = Terms(Sweeper(run.loop), 600.0)
    gate = Gate(run.loop, terms=terms, rules=Rules(), guard=LoginGuard(run.loop),
                settings=Settings(per_user=5))
    return SOCKSServer(gate)


@coroutine
def _through(loop):
    """By way of each kind of proxy, one after the other; what each has said."""
    outcome = []
    for scheme in (u'socks5h://ann@127.0.0.1', u'socks4a://127.0.0.1', u'socks4://127.0.0.1',
                   u'http://ann@127.0.0.1:1080', u'socks5://127.0.0.1'):
        proxy = parse_proxy(scheme, u'secret' if u'@' in scheme else None)
        try:
            transport, _ = yield socks_client.connect(loop, proxy, EchoClient, '192.0.2.7', 7)
            transport.abort()
            outcome.append(True)
        except socks_client.ConnectFailed as exc:
            outcome.append(exc.message)
        except (socks_client.RemoteProtocolError, socks_client.ConnectionLost) as exc:
            outcome.append(exc.message)
    raise Return(outcome)


SOCKS_CLIENT_SEEDS = [[('say', what)] for what in (
    b'\5\2\1\0\5\0\0\1\x7f\0\0\1\0Pechoed', b'\5\0\5\0\0\3\1x\0P', b'\5\xff',
    b'\5\0\5\5\0\1\0\0\0\0\0\0', b'\0\x5a\0P\x7f\0\0\1', b'\0\x5b\0\0\0\0\0\0',
    b'HTTP/1.1 200 Ok\r\nX: y\r\n\r\nechoed', b'HTTP/1.0 407 No\r\nContent-Length: 0\r\n\r\n',
    b'\5\2\1\1', b'\4')] + [[('wait', 100)], [('say', b'\5'), ('lose', None)]]
SOCKS_CLIENT_WORDS = [b'\5\0', b'\5\2', b'\1\0', b'\5\0\0\1', b'\5\5\0\1', b'\0\x5a', b'\x7f\0\0\1',
                      b'HTTP/1.1 ', b'200', b'407', b'\r\n\r\n', b'\r\n', b'\5\0\0\4', b'\5\0\0\3']

# -- port forwarding ---------------------------------------------------------
HEADERS = [b'PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n', b'PROXY UNKNOWN\r\n',
           b'PROXY TCP6 ::1 ::2 1 2\r\n',
           b'\r\n\r\n\0\r\nQUIT\n!\x11\0\x0c\1\2\3\4\5\6\7\x08\0\1\0\2',
           b'\r\n\r\n\0\r\nQUIT\n \0\0\0', b'\r\n\r\n\0\r\nQUIT\n!\x21\0\x29' + b'\1' * 36
           + b'\4\0\2xx']
FORWARD_SEEDS = [[('say', header + b'question'), ('far', b'answer'), ('far-eof', None),
                  ('say', b'more'), ('eof', None)] for header in HEADERS] + [
    [('say', HEADERS[0][:9]), ('wait', 10)],
    [('say', HEADERS[0]), ('clog', None), ('far', b'x' * 5000), ('wait', 5), ('unclog', None),
     ('far-lose', None)],
    [('say', HEADERS[0] + b'y' * 5000), ('wait', 700)], [('say', b'GET / HTTP/1.0\r\n\r\n')]]
FORWARD_WORDS = [b'PROXY ', b'TCP4 ', b'TCP6 ', b'UNKNOWN', b'\r\n', b'\r\n\r\n\0\r\nQUIT\n',
                 b'!\x11', b'!\x21', b'\x20', b'\3\0\4', b'192.0.2.1 ', b'::1 ', b' 65535']


def _forward(run):
    run.loop.listen_tcp(lambda: Far(run), '192.0.2.7', 6665)
    terms = Terms(Sweeper(run.loop), 60.0, 20000, Meter(run.loop, 10000.0))
    expected = ProxyProtocol(run.loop, [u'127.0.0.0/8'])
    return expected.wrap(lambda: Forwarder(lambda factory, _transport: run.loop.connect_tcp(
        factory, '192.0.2.7', 6665), terms, None))()


FTP = ('protocols/ftp/', 'core/commands', 'core/framing')
TELNET = ('protocols/telnet/',)
SOCKS = ('protocols/socks/', 'protocols/portforward')
ALL = [
    ServerTarget('ftp', FTP, _ftp, FTP_SEEDS, FTP_WORDS, cut=False),
    ClientTarget('ftp-client', FTP, _visit_ftp, FTP_CLIENT_SEEDS, FTP_CLIENT_WORDS, (2121, 50000)),
    GrammarTarget('ftp-grammar', ('protocols/ftp/', 'protocols/socks/wire'), FTP_GRAMMAR_CALLS,
                  FTP_GRAMMAR_SEEDS, FTP_WORDS + FTP_CLIENT_WORDS),
    ServerTarget('finger', ('protocols/finger',),
                 lambda run: finger.FingerServer(_People(), run.loop), FINGER_SEEDS, FINGER_WORDS),
    ServerTarget('whois', ('protocols/finger', 'protocols/whois'),
                 lambda run: whois.WhoisServer(_Records(), run.loop), FINGER_SEEDS, FINGER_WORDS),
    ClientTarget('finger-client', ('protocols/finger', 'protocols/whois'), _ask,
                 FINGER_CLIENT_SEEDS, [b'\x1b', b'\r\n', b'\x9b', b'\xc2\x9b', b'\xe2\x80\xae',
                                       b'refer: ', b'whois: '], (79,)),
    ServerTarget('telnet', TELNET, _Shown, TELNET_SEEDS, TELNET_WORDS, cut=False),
    ClientTarget('telnet-client', TELNET, _visit_telnet,
                 [[('say', b'login: ' + what), ('eof', None)] for seed in TELNET_SEEDS
                  for _, what in seed], TELNET_WORDS + [b'login: '], (23,)),
    ServerTarget('console', TELNET + ('services/console/',), _telnet_console, CONSOLE_SEEDS,
                 CONSOLE_WORDS, cut=False),
    ServerTarget('socks', SOCKS, _socks, SOCKS_SEEDS, SOCKS_WORDS, cut=False),
    ClientTarget('socks-client', SOCKS, _through, SOCKS_CLIENT_SEEDS, SOCKS_CLIENT_WORDS, (1080,)),
    ServerTarget('portforward', ('protocols/portforward', 'core/proxyprotocol', 'core/handover'),
                 _forward, FORWARD_SEEDS, FORWARD_WORDS, cut=False),
]
