# Copyright the carryall authors.  See LICENSE.
"""The bridge between a group and a channel of another network: order, losses, circles."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.future import Future, failed
from carryall.protocols.irc import ClientSettings, IRCServer, Network, Settings, connect
from carryall.services.words.chatspace import OFFLINE, Limits
from carryall.services.words.chatstore import MemoryChatStore
from carryall.services.words.tendril import MARK, MAX_KEEPING, Tendril, TendrilPlace, parse_place
from tests.services.words.chatscene import ChatScene

FAST = Settings(burst=100000, rate=100000.0, max_backlog=1 << 20)


class Far(object):
    """Another network, with a user in its channel."""

    def __init__(self, loop):
        self.loop = loop
        self.network = Network(loop, b'far.example', b'Far')
        self.listener = loop.listen_tcp(lambda: IRCServer(self.network, loop, FAST), '127.0.0.1',
                                        0)
        self.heard = []
        self.eve = loop.run_until(connect(
            loop, '127.0.0.1', self.listener.address.port, b'eve',
            settings=ClientSettings(burst=100000, rate=100000.0), received=self._received))
        loop.run_until(self.eve.join(b'#far'))

    def _received(self, client, message):
        if message.command == b'PRIVMSG':
            self.heard.append(message.params[1].decode('utf-8'))

    def texts(self):
        """The texts that eve has heard, without the sign of a bridge."""
        return [each.replace(MARK, u'') for each in self.heard]


class Bridge(ChatScene):
    """A space with ann in the group tea, another network, and a bridge."""

    def __init__(self, store=None):
        ChatScene.__init__(self, store=store, limits=Limits(burst=100000, rate=100000.0))
        self.far = Far(self.loop)
        self.place = TendrilPlace('127.0.0.1', self.far.listener.address.port, b'#far', u'tea')
        self.tendril = Tendril(self.space, self.loop, self.place, u'tendril', 100000.0)
        (self.ann, self.session), = self.meet(u'ann')
        self.tendril.start()
        self.loop.advance(1.0)
        self.session.take()

    def say(self, text, style=u''):
        """ann says something."""
        metadata = {u'style': style} if style else {}
        self.space.group_message(self.ann, u'tea', text, metadata, self.session)


@pytest.mark.parametrize('text, parts', [
    (u'irc.example/far=tea', ('irc.example', 6667, b'#far', u'tea')),
    (u'[::1]:7000/#far=#tea', ('[::1]', 7000, b'#far', u'tea')),
    (u'irc.example:x/far=tea', None), (u'irc.example', None), (u'/far=tea', None),
    (u'irc.example/far', None), (u'irc.example/=tea', None), (u'irc.example/far=', None)])
def test_a_place_is_a_host_a_channel_and_a_group(text, parts):
    found = parse_place(text)
    assert parts == (None if found is None else (found.host, found.port, found.channel,
                                                 found.group))


def test_messages_go_both_ways_with_their_authors():
    bridge = Bridge()
    bridge.say(u'hello')
    bridge.say(u'waves', u'emote')
    bridge.far.eve.say(b'#far', b'hello too')
    bridge.far.eve.act(b'#far', b'nods')
    bridge.loop.advance(1.0)
    assert bridge.far.texts() == [u'<ann> hello', u'* ann waves']
    assert bridge.session.take() == [
        (u'group', u'tea', u'eve@tendril', u'hello too', {}),
        (u'group', u'tea', u'eve@tendril', u'nods', {u'style': u'emote'})]


def test_a_thousand_lines_keep_their_order_both_ways():
    bridge = Bridge()
    for number in range(1000):
        bridge.say(u'%d' % number)
        bridge.far.eve.say(b'#far', b'%d' % number)
    bridge.loop.advance(60.0)
    wanted = [u'%d' % number for number in range(1000)]
    assert [each.split(u' ')[1] for each in bridge.far.texts()] == wanted
    assert [each[3] for each in bridge.session.take()] == wanted


def test_nothing_is_lost_when_the_connection_breaks():
    bridge = Bridge()
    for number in range(300):
        bridge.say(u'%d' % number)
        if number % 100 == 50:
            bridge.loop.advance(0.0)
            bridge.far.network.user_of(b'tendril').connection.transport.abort()
            bridge.loop.advance(400.0)
    bridge.loop.advance(400.0)
    seen = []
    for text in bridge.far.texts():
        word = text.split(u' ')[1]
        if word not in seen:
            seen.append(word)
    assert seen == [u'%d' % number for number in range(300)]


def test_a_bridge_repeats_no_line_of_a_bridge():
    bridge = Bridge()
    bridge.far.eve.say(b'#far', (MARK + u'<x> hello').encode('utf-8'))
    bridge.say(MARK + u'<x> hello')
    bridge.loop.advance(1.0)
    assert (bridge.session.take(), bridge.far.texts()) == ([], [])


def test_queries_and_other_places_stay_where_they_are():
    bridge = Bridge()
    bridge.far.eve.say(b'#far', b'\x01VERSION\x01')
    bridge.far.eve.say(b'tendril', b'psst')
    bridge.space.direct_message(bridge.ann, u'tendril', u'psst', None, bridge.session)
    bridge.loop.advance(1.0)
    assert (bridge.session.take(), bridge.far.texts()) == ([], [])


def test_a_network_that_is_away_is_tried_again():
    scene = ChatScene()
    tries = []

    def dial(*args):
        tries.append(scene.loop.time())
        return failed(IOError('refused'))

    place = TendrilPlace('127.0.0.1', 1, b'#far', u'tea')
    tendril = Tendril(scene.space, scene.loop, place, u'tendril', 1.0, dial)
    tendril.start()
    scene.loop.advance(15.0)
    tendril.close()
    scene.loop.advance(1000.0)
    assert [round(each - tries[0]) for each in tries] == [0, 2, 6, 14]


def test_a_bridge_that_is_closed_has_left_both_sides():
    bridge = Bridge()
    bridge.tendril.close()
    bridge.loop.advance(1.0)
    assert bridge.space.participant(u'tendril').status == OFFLINE
    assert bridge.far.network.user_of(b'tendril') is None


def test_a_bridge_that_is_closed_while_it_dials_closes_its_client():
    scene = ChatScene()
    dialled = Future()
    tendril = Tendril(scene.space, scene.loop, TendrilPlace('h', 1, b'#far', u'tea'), u'tendril',
                      1.0, lambda *_: dialled)
    tendril.start()
    tendril.close()
    closed = []

    class Client(object):
        def close(self):
            closed.append(True)

    dialled.set_result(Client())
    scene.loop.advance()
    assert closed == [True]


def test_a_network_that_is_faster_than_the_disk_is_not_read():
    store = SlowStore()
    bridge = Bridge(store)
    for number in range(3 * MAX_KEEPING):
        bridge.far.eve.say(b'#far', b'%d' % number)
    for _ in range(200):
        bridge.loop.advance(0.1)
    waiting = bridge.tendril.waiting
    store.is_slow = False
    store.go_on()
    for _ in range(200):
        bridge.loop.advance(0.1)
    assert waiting < 2 * MAX_KEEPING
    assert [each[3] for each in bridge.session.take()] == [u'%d' % number
                                                          for number in range(3 * MAX_KEEPING)]


class SlowStore(MemoryChatStore):
    """Keeps nothing before it is told to go on."""

    def __init__(self):
        MemoryChatStore.__init__(self)
        self.is_slow = True
        self._waiting = []

    def save_message(self, message, place_key, recipient, late, most=0):
        kept = MemoryChatStore.save_message(self, message, place_key, recipient, late, most)
        if not self.is_slow:
            return kept
        self._waiting.append(Future())
        return self._waiting[-1]

    def go_on(self):
        """Keeps what waits."""
        for future in self._waiting:
            future.set_result(None)
