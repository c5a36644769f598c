# Copyright the carryall authors.  See LICENSE.
"""Whois (RFC 3912): server, client, referrals."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.net.deadlines import Sweeper
from carryall.core.errors import RemoteProtocolError
from carryall.core.testing import VirtualLoop, lockstep, play
from carryall.protocols import whois
from carryall.protocols.finger import Query
from carryall.protocols.whois import WhoisClient, WhoisServer, follow, referral


class Directory(object):
    def __init__(self, answers):
        self.answers = answers

    def answer(self, text, long, host):
        return self.answers.get(text, u'No match for %s.' % text)


def serving(loop, **answers):
    answers = dict((name.replace('_', '.'), text) for name, text in answers.items())
    return WhoisServer(Directory(answers), None, Sweeper(loop))


@pytest.mark.parametrize('asked, answer', [
    (b'example.org\r\n', b'domain: example.org\r\n'), (b'  two words @ host \r\n', b'No match for two words @ host.\r\n'),
    (b'\r\n', b'The query cannot be understood.\r\n'), (b'a\x1bb\r\n', b'The query cannot be understood.\r\n'),
    (b'x' * 600 + b'\r\n', b'The query is too long.\r\n')])
def test_answers_however_the_query_is_cut(asked, answer):
    play(lambda loop: serving(loop, example_org=u'domain: example.org\n'), asked, answer)


def test_client_against_server():
    loop = VirtualLoop()
    client = WhoisClient(Query(b'example.org'))
    lockstep(client, serving(loop, example_org=u'found'), loop)
    assert client.answer.result() == b'found\n'


@pytest.mark.parametrize('text', [b'', b'a\r\nb', b'a\nb', b'x' * 600])
def test_what_cannot_be_asked(text):
    with pytest.raises(RemoteProtocolError):
        whois.fetch(VirtualLoop(), text, '192.0.2.1')


@pytest.mark.parametrize('answer, place', [
    (b'% IANA\nrefer:        whois.example.net\n\ndomain: X\n', ('whois.example.net', 43)),
    (b'   Registrar WHOIS Server: whois.registrar.example\r\n', ('whois.registrar.example', 43)),
    (b'ReferralServer: rwhois://r.example:4321/\n', ('r.example', 4321)), (b'whois: a.example:99999\n', None),
    (b'nothing here\n', None), (b'refer: bad host\n', None), (b'Whois: \xff\n', None)])
def test_referrals(answer, place):
    assert referral(answer) == place


def test_following():
    loop = VirtualLoop({'one.example': ['192.0.2.1'], 'two.example': ['192.0.2.2']})
    loop.listen_tcp(lambda: serving(loop, x=u'refer: two.example'), '192.0.2.1', 43)
    loop.listen_tcp(lambda: serving(loop, x=u'whois: one.example\nthe end'), '192.0.2.2', 43)
    found = loop.run_until(follow(loop, b'x', 'one.example'))
    assert [(host, port) for host, port, _ in found] == [('one.example', 43), ('two.example', 43)], 'round and round'
    assert b'the end' in found[1][2]
