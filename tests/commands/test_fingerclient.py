# Copyright the carryall authors.  See LICENSE.
"""`carryall finger` as a client: what it does with its words, and answers in memory."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.commands import finger, serve
from carryall.commands import main as umbrella
from carryall.commands.sharedwords import seems_meant
from carryall.core.errors import UsageError
from carryall.core.testing import VirtualLoop
from carryall.protocols.finger import FingerServer


class People(object):
    def answer(self, user, long, host):
        return u'%s %s\x1b[2J\n' % (user, u'long' if long else u'short')


@pytest.fixture
def world(monkeypatch):
    loop = VirtualLoop({'host.example': ['192.0.2.1']})
    loop.listen_tcp(lambda: FingerServer(People()), '192.0.2.1', 79)
    monkeypatch.setattr(finger, 'choose', lambda name: loop)
    return loop


@pytest.mark.parametrize('words, meant', [
    (['ann@host'], True), (['-l', '@host'], True), (['-p', '7979', 'ann@host'], True),
    (['-p', '7979'], False), (['--folder', 'x', '-p', '7979'], False), ([], False)])
def test_words_with_a_person_are_for_the_client(words, meant):
    assert (seems_meant(finger.SCHEMA, words) is not None) == meant


@pytest.mark.parametrize('words', [['ann@host', '-p', 'x'], ['ann@host', 'bert@host']])
def test_words_that_begin_with_a_person_are_for_the_client(words):
    with pytest.raises(UsageError):
        seems_meant(finger.SCHEMA, words)


def test_words_without_a_person_go_on_to_the_type(monkeypatch):
    begun = []
    monkeypatch.setattr(serve, '_serve', lambda kind, values, run_values, lines: begun.append(
        (kind.name, values.port)) or 0)
    assert umbrella._main(['finger', '-p', '7979', '--passwd', '/etc/passwd']) == 0
    assert begun == [('finger', u'tcp:7979')]


@pytest.mark.parametrize('words, shown', [(['ann@host.example'], 'ann short\\x1b[2J\n'),
                                          (['-l', 'ann@host.example'], 'ann long\\x1b[2J\n')])
def test_an_answer_is_shown_clean(world, words, shown, capsys):
    assert finger.main(words) == 0
    assert capsys.readouterr()[0] == shown


@pytest.mark.parametrize('who', ['ann', 'ann@', 'a@@b', 'a@1@2@3@4@5', 'a b@host', u'ann@h\xf6st'])
def test_a_word_that_names_no_person_at_a_host_is_refused(world, who):
    with pytest.raises(UsageError):
        finger.main([who])
