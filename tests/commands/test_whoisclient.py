# Copyright the carryall authors.  See LICENSE.
"""`carryall whois`: what it shows, with servers in memory."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.commands import whois
from carryall.core.testing import VirtualLoop
from carryall.protocols.whois import WhoisServer


class Records(object):
    def __init__(self, text):
        self.text = text

    def answer(self, asked, host):
        return self.text


@pytest.fixture
def world(monkeypatch):
    loop = VirtualLoop({'whois.iana.org': ['192.0.2.2'], 'next.example': ['192.0.2.3']})
    loop.listen_tcp(lambda: WhoisServer(Records(u'refer: next.example')), '192.0.2.2', 43)
    loop.listen_tcp(lambda: WhoisServer(Records(u'the holder\x07')), '192.0.2.3', 43)
    monkeypatch.setattr(whois, 'choose', lambda name: loop)
    return loop


@pytest.mark.parametrize('words, shown', [
    (['example.org'], 'the holder\\x07\n'),
    (['-s', 'whois.iana.org', 'example.org'], 'refer: next.example\n'),
    (['-a', 'example.org'], '# whois.iana.org:43\nrefer: next.example\n# next.example:43\nthe '
                            'holder\\x07\n')])
def test_the_answers_that_were_asked_for_are_shown_clean(world, words, shown, capsys):
    assert whois.main(words) == 0
    assert capsys.readouterr()[0] == shown
