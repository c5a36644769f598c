# Copyright the carryall authors.  See LICENSE.
"""A conversation on IRC in lines: typed commands, and messages that are shown clean."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.apps.irctalk.ircconsole import IRCConsole
from carryall.core.testing import VirtualLoop
from carryall.protocols.irc import IRCServer, Network, Settings, connect


class Talk(object):
    """Two conversations on one server."""

    def __init__(self):
        self.loop = VirtualLoop()
        network = Network(self.loop, b'irc.example', b'Example')
        settings = Settings(burst=1000)
        listener = self.loop.listen_tcp(lambda: IRCServer(network, self.loop, settings),
                                        '127.0.0.1', 0)
        self.ann, self.seen = self._enter(listener.address.port, b'ann')
        self.bob, self.heard = self._enter(listener.address.port, b'bob')
        for console in (self.ann, self.bob):
            console.typed(u'/join #tea')
            self.loop.advance(1.0)
        del self.seen[:]
        del self.heard[:]

    def _enter(self, port, nick):
        shown = []
        console = IRCConsole(shown.append)
        console.begin(self.loop.run_until(connect(self.loop, '127.0.0.1', port, nick,
                                                  received=console.received)))
        return console, shown

    def type(self, *lines):
        """The lines that bob sees when ann types these."""
        for line in lines:
            self.ann.typed(line)
            self.loop.advance(5.0)
        heard = list(self.heard)
        del self.heard[:]
        return heard


def test_a_line_goes_to_the_channel():
    talk = Talk()
    assert talk.type(u'hello\n') == [u'[#tea] <ann> hello']
    assert talk.seen == [u'[#tea] <ann> hello']


@pytest.mark.parametrize('line, heard', [
    (u'//hello', u'[#tea] <ann> /hello'), (u'/me waves', u'[#tea] * ann waves'),
    (u'/msg bob psst', u'*ann* psst'), (u'/topic green', u'*** ann sets the topic of #tea: green'),
    (u'/part', u'*** ann leaves #tea'), (u'/nick eve', u'*** ann is eve now'),
    (u'/quit bye', u'*** ann is gone: Quit: bye'),
    (u'/raw notice #tea x', u'[#tea] -ann- x'),
    (u'/raw mode #tea +s', u'*** ann sets modes: #tea +s'),
    (u'/raw kick #tea bob', u'*** ann puts bob out of #tea: ann')])
def test_a_command_is_obeyed_and_seen_by_the_other(line, heard):
    assert Talk().type(line)[-1] == heard


@pytest.mark.parametrize('line, seen', [
    (u'/fly', u'*** /join #CHANNEL'), (u'/names', u'*** #tea: @ann bob'),
    (u'/whois bob', u'*** bob End of WHOIS list'), (u'/away tea', u'*** You have been marked'),
    (u'/join x', u'*** x No such channel'), (u'/raw', u'*** no command of IRC')])
def test_a_command_shows_its_answer(line, seen):
    talk = Talk()
    talk.type(line)
    assert talk.seen[-1].startswith(seen)


def test_lines_need_a_target():
    talk = Talk()
    assert talk.type(u'/query', u'hello', u'', u'/me waves', u'/topic x') == []
    assert talk.seen[0].startswith(u'*** no one hears you')


def test_lines_wait_for_the_channel_that_is_being_entered():
    talk = Talk()
    talk.ann.typed(u'/part')
    talk.loop.advance(1.0)
    talk.ann.typed(u'/join #tea')
    talk.ann.typed(u'early')
    talk.loop.advance(5.0)
    assert talk.heard[-1] == u'[#tea] <ann> early'


def test_lines_for_a_channel_that_is_refused_are_dropped():
    talk = Talk()
    talk.ann.typed(u'/part')
    talk.loop.advance(1.0)
    talk.ann.typed(u'/join x')
    talk.ann.typed(u'early')
    talk.loop.advance(5.0)
    assert u'early' not in u''.join(talk.type(u'/join #tea'))


def test_lines_may_go_to_a_nick():
    assert Talk().type(u'/query bob', u'psst') == [u'*ann* psst']


def test_control_characters_of_others_are_not_shown():
    talk = Talk()
    talk.ann.typed(u'/raw privmsg #tea a\x1b[2Jb\u202e\x02c')
    talk.loop.advance(1.0)
    assert talk.heard == [u'[#tea] <ann> a\ufffd[2Jb\ufffdc']


def test_a_query_of_a_program_is_named():
    assert Talk().type(u'/raw privmsg bob \x01DCC\x01') == [u'*** ann sends CTCP DCC']
