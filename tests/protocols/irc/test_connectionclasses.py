# Copyright the carryall authors.  See LICENSE.
"""Connection classes."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.net.networks import Network as IPNetwork
from carryall.protocols.irc import ConnectionClass, ConnectionClasses, Settings
from tests.protocols.irc.scene import Scene

DEFAULT = Settings()


def classes(**limits):
    return ConnectionClasses(DEFAULT, [
        ConnectionClass(b'office', [IPNetwork(u'10.0.0.0/8')], Settings(burst=100), **limits)])


@pytest.mark.parametrize('host, burst', [('10.1.2.3', 100), ('192.0.2.1', 20), ('', 20)])
def test_an_address_has_the_settings_of_its_class(host, burst):
    assert classes().enter(host).kind.settings.burst == burst


def test_a_class_is_full():
    made = classes(most=2)
    assert [made.enter('10.0.0.%d' % number) is None for number in range(3)] == [False, False, True]


def test_an_address_has_its_share():
    made = classes(per_address=1)
    found = [made.enter(host) is None for host in ('10.0.0.1', '10.0.0.1', '10.0.0.2')]
    assert found == [False, True, False]


def test_a_place_that_is_left_is_free():
    made = classes(most=1, per_address=1)
    made.enter('10.0.0.1').leave()
    assert made.enter('10.0.0.1') is not None


def test_a_client_is_refused_when_its_class_is_full():
    scene = Scene()
    scene.network.classes = ConnectionClasses(DEFAULT, [
        ConnectionClass(b'all', [IPNetwork(u'*')], scene.settings, most=1)])
    scene.connect()
    assert scene.connect().take() == [
        b'ERROR :Closing Link: 192.0.2.1 (Too many connections of your class)']


def test_a_client_that_is_gone_leaves_its_place():
    scene = Scene()
    scene.network.classes = ConnectionClasses(DEFAULT, [
        ConnectionClass(b'all', [IPNetwork(u'*')], scene.settings, most=1)])
    scene.connect().wire.lose()
    scene.loop.advance()
    assert scene.connect().take() == []


def test_a_client_has_the_pace_of_its_class():
    scene = Scene()
    scene.network.classes = ConnectionClasses(DEFAULT, [
        ConnectionClass(b'slow', [IPNetwork(u'192.0.2.0/24')], Settings(burst=3, rate=1.0))])
    client = scene.connect()
    client.wire.feed(b'PING x\r\n' * 20)
    assert len(client.take()) < 6
