# Copyright the carryall authors.  See LICENSE.
"""A client that comes back, against our own server on virtual time."""
from __future__ import absolute_import, division, print_function

from carryall.core.future import failed
from carryall.core.errors import ConnectionLost
from carryall.core.testing import NullTLS, VirtualLoop
from carryall.core.tls import Identity, TLSContext, listening
from carryall.protocols.irc import (IRCServer, LastingClient, Network, STSPolicies, Settings)
from carryall.protocols.irc.lastingclient import FIRST_WAIT, REJOIN_SECONDS


class Place(object):
    """A server, and a client that wants to be there."""

    def __init__(self, settings=None, **options):
        self.loop = VirtualLoop(tls=NullTLS())
        self.network = Network(self.loop, b'irc.example', b'Example')
        self.settings = settings or Settings(burst=1000)
        self.servers = []
        self.listener = None
        self.listen(6667)
        self.lasting = LastingClient(self.loop, 'localhost', nick=b'ann', **options)

    def server(self):
        """One connection."""
        self.servers.append(IRCServer(self.network, self.loop, self.settings))
        return self.servers[-1]

    def listen(self, port):
        """Listens there."""
        self.listener = self.loop.listen_tcp(self.server, '127.0.0.1', port)

    def members(self, name=b'#tea'):
        """The nicks in a channel."""
        channel = self.network.channel_of(name)
        return [] if channel is None else [user.nick for user in channel.members]


def online(**options):
    place = Place(**options)
    place.lasting.enter(b'#tea')
    place.lasting.start()
    place.loop.advance(1.0)
    return place


def test_a_client_enters_its_channels():
    assert online().members() == [b'ann']


def test_a_client_comes_back_after_a_loss():
    place = online()
    place.servers[0].transport.abort()
    place.loop.advance(0.1)
    gone = place.members()
    place.loop.advance(FIRST_WAIT)
    assert (gone, place.members()) == ([], [b'ann'])


def test_a_client_waits_longer_each_time():
    loop = VirtualLoop()
    tries = []

    def dial():
        tries.append(loop.time())
        return failed(ConnectionLost(u'no'))

    LastingClient(loop, 'localhost', dial=dial).start()
    loop.advance(100.0)
    pauses = [after - before for before, after in zip(tries, tries[1:])]
    assert [round(each) for each in pauses] == [2, 4, 8, 16, 32]


def test_a_client_comes_back_after_a_kick():
    place = online()
    user = place.servers[0].user
    place.network.channel_of(b'#tea').send(place.network.event_from(
        b'irc.example', b'KICK', [b'#tea', b'ann', b'out']))
    place.network.leave(user, place.network.channel_of(b'#tea'))
    place.loop.advance(0.1)
    gone = place.members()
    place.loop.advance(REJOIN_SECONDS)
    assert (gone, place.members()) == ([], [b'ann'])


def test_a_channel_that_is_closed_is_tried_again():
    place = Place()
    channel = place.network.make_channel(b'#tea')
    channel.modes[b'i'] = b''
    place.lasting.enter(b'#tea')
    place.lasting.start()
    place.loop.advance(1.0)
    out = place.members()
    del channel.modes[b'i']
    place.loop.advance(REJOIN_SECONDS)
    assert (out, place.members()) == ([], [b'ann'])


def test_a_client_leaves_a_channel_for_good():
    place = online()
    place.lasting.leave(b'#tea')
    place.loop.advance(10 * REJOIN_SECONDS)
    assert place.members() == []


def test_a_client_stays_away_when_it_was_closed():
    place = online()
    place.lasting.close()
    place.loop.advance(1000.0)
    assert (place.members(), len(place.servers)) == ([], 1)


def test_a_client_goes_by_tls_where_the_server_wants_it():
    policies = STSPolicies()
    place = Place(Settings(burst=1000, sts_port=6697), policies=policies,
                  secure=TLSContext(verify=False))
    context = TLSContext(Identity(b'-----BEGIN CERTIFICATE-----'))
    place.loop.listen_tcp(listening(place.loop, context, place.server), '127.0.0.1', 6697)
    place.lasting.start()
    place.loop.advance(1.0)
    assert (len(place.servers), place.lasting.client is not None,
            policies.port_of('localhost', place.loop.wall())) == (2, True, 6697)
