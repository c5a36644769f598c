# Copyright the carryall authors.  See LICENSE.
"""The targets of FTP: server, client, grammar."""
from __future__ import absolute_import, division, print_function

from carryall.core.future import Return, coroutine
from carryall.core.tls import Identity, TLSContext
from carryall.protocols.ftp import connect, facts, hostport, listparser, namepattern, otp, pathname
from carryall.protocols.ftp import url, wire
from carryall.services.ftp.memoryfiles import MemoryFiles
from tests.fuzz.target import ClientTarget, GrammarTarget, ServerTarget, lines
from tests.protocols.ftp.stage import make_site

__all__ = ['ALL']

TLS = TLSContext(Identity('server.pem'))        # NullTLS reads no file
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
FTP_WORDS = [verb + b' ' for verb in b'''
    USER PASS ACCT REIN QUIT HOST AUTH PBSZ PROT CCC PASV PORT EPSV EPRT LPSV LPRT TYPE MODE STRU
    ALLO REST RANG RETR STOR APPE
    STOU ABOR LIST NLST MLSD MLST STAT CWD CDUP PWD MKD RMD DELE RNFR RNTO SIZE
    MDTM MFMT MFF HASH XCRC XMD5 AVBL NOOP SYST FEAT OPTS HELP LANG SITE XCUP'''.split()] + [
        b'TLS', b'UTF8 OFF', b'A', b'I', b'127,0,0,1,', b'|1|127.0.0.1|', b'|2|::1|', b'..', b'/',
        b'//', b'*', b'[a-z]', b'-laR ', b'CHMOD ', b'UTIME ', b'd/big', b'a.txt',
        b'\xff\xf4\xff\xf2', b'\xff\xff', b'\xff\xfd', b'\xff\xfa', b'\xff\xf0', b'20260229', b';',
        b'ALL', b'P']


def _ftp(run):
    return make_site(run.loop, MemoryFiles(FILES, run.loop.wall, 200000), tls=TLS, digests=True,
                     message_file=b'a.txt', show_users=True)()


@coroutine
def _visit_ftp(loop):
    session = yield connect(loop, '127.0.0.1', 2121, starttls=TLS)
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
    parser = wire.ReplyParser()
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
    facts.parse_facts, facts.parse_time, facts.chosen_facts]
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


FTP = ('protocols/ftp/', 'core/line/')
ALL = [
    ServerTarget('ftp', FTP, _ftp, FTP_SEEDS, FTP_WORDS, cut=False),
    ClientTarget('ftp-client', FTP, _visit_ftp, FTP_CLIENT_SEEDS, FTP_CLIENT_WORDS, (2121, 50000)),
    GrammarTarget('ftp-grammar', ('protocols/ftp/',), FTP_GRAMMAR_CALLS, FTP_GRAMMAR_SEEDS,
                  FTP_WORDS + FTP_CLIENT_WORDS),
]
