# Copyright the carryall authors.  See LICENSE.
"""The targets of dict: server, client, grammar."""
from __future__ import absolute_import, division, print_function

from carryall.core.auth.checkers import MemoryChecker
from carryall.core.auth.portal import Portal, Realm
from carryall.core.errors import LocalProtocolError
from carryall.core.future import Return, coroutine
from carryall.protocols.dict import (DICTServer, MemoryDictionary, connect, format_text,
                                     parse_banner, parse_reply, parse_url, split_words)
from tests.fuzz.target import ClientTarget, GrammarTarget, ServerTarget, lines

__all__ = ['ALL']

WORDS = {u'apple': u'A fruit.\n.\n', u'apple pie': u'A pie.', u'caf\xe9': u'A place.'}
# One for all runs: the salts of its accounts are made by chance.
PORTAL = Portal(Realm(), [MemoryChecker({u'ann': b'secret'})])
SEEDS = [
    lines(b'CLIENT fuzz', b'DEFINE * apple', b'MATCH ! prefix "apple p"', b'QUIT'),
    lines(b'OPTION MIME', b'SHOW DB', b'SHOW STRAT', b'SHOW INFO fruit', b'SHOW SERVER', b'HELP'),
    lines(b'SASLAUTH CRAM-MD5', b'SASLRESP YW5uIDAw', b'SASLAUTH PLAIN AGFubgB4', b'SASLRESP *'),
    lines(b'SASLAUTH SCRAM-SHA-1 bixhPWIsbj1hbm4scj1hYmM=', b'SASLRESP AAAA', b'SASLRESP ""'),
    lines(b'AUTH ann 00', b'SASLAUTH PLAIN', b'STATUS', b"DEFINE fruit 'caf\xc3\xa9'"),
    [('wait', 700)]]
ANSWERS = [
    lines(b'220 a <mime> <1@a>', b'250 ok', b'150 1', b'151 "x" y "z"', b'..text', b'.', b'250 ok',
          b'152 1', b'y "x"', b'.', b'250 ok', b'221 bye'),
    lines(b'220 a <auth.xcram-md5> <1@a>', b'250 ok', b'130 x', b'PDFA', b'YT4=', b'.', b'330 x',
          b'230 x', b'552 none', b'552 none', b'221 bye'),
    lines(b'220 a <auth.xscram-sha-1> <1@a>', b'250 ok', b'330 x', b'330 x', b'531 no'),
    lines(b'220 a <1@a>', b'250 ok', b'552 none', b'551 no', b'221 bye'), lines(b'530 no'),
    lines(b'x')]
URLS = [lines(b'dict://ann;SASLAUTH=CRAM-MD5@a/d:x'),
        lines(b'dict://ann;AUTH@a.example:2628/m:word:db:re:1'), lines(b'dict://[::1]/d:a%20b:*:2')]
TOKENS = [b'DEFINE ', b'MATCH ', b'SHOW ', b'SASLAUTH ', b'SASLRESP ', b'130 ', b'330 ', b'"', b"'",
          b'\\', b'*', b'!', b'.', b'220 ', b'151 ', b'250 ', b'\r\n', b'\n', b'.\r\n', b':', b'%',
          b'\xc3\xa9']


def _service():
    service = MemoryDictionary(u'fruit', WORDS)
    service.portal = PORTAL
    return service


@coroutine
def _visit(loop):
    client = yield connect(loop, '127.0.0.1', 2121)
    if client.banner.mechanisms:
        yield client.login(u'ann', b'secret')
    found = yield client.define(u'x')
    words = yield client.match(u'x')
    yield client.quit()
    raise Return((found, words))


def _words(data):
    return split_words(data.decode('utf-8', 'replace'))


def _url(data):
    try:
        return parse_url(data.decode('utf-8', 'replace').strip())
    except LocalProtocolError:
        return None


ALL = [
    ServerTarget('dict', ('protocols/dict/', 'core/line/'),
                 lambda run: DICTServer(_service(), run.loop), SEEDS, TOKENS),
    ClientTarget('dict-client', ('protocols/dict/',), _visit, ANSWERS, TOKENS),
    GrammarTarget('dict-grammar', ('protocols/dict/',),
                  [parse_reply, parse_banner, format_text, _words, _url], ANSWERS + URLS, TOKENS),
]
