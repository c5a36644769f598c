# Copyright the carryall authors.  See LICENSE.
"""Servers inside another program: begun and ended by hand,
with certificates that go when they go."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.core.errors import UsageError
from carryall.core.net.protocol import Protocol
from carryall.embedded import Certificates, Servers
from tests.house.test_pytest_plugin import Echo, ask


def test_servers_can_be_closed_by_hand():
    """As a Java program does it, which has no `with` for them; close() ends the servers."""
    servers = Servers().open()
    address = servers.tcp(Echo)
    try:
        assert ask(address, b'by hand.\n') == b'by hand.\n'
    finally:
        servers.close()
    with pytest.raises(Exception) as refused:
        ask(address, b'still there.\n')
    assert 'refused' in str(refused.value).lower() or 'Refused' in type(refused.value).__name__, \
        refused.value


def test_own_certificates_go():
    """The files of an authority of its own are gone after the context; made only when asked for."""
    with Servers() as servers:
        assert servers.certificates._folder is None
        path = servers.ca_file
        with open(path) as source:
            assert 'BEGIN CERTIFICATE' in source.read()
    assert not os.path.exists(os.path.dirname(path))


def test_shared_certificates_stay():
    """Certificates that were handed in are not deleted: they are their owner's."""
    certificates = Certificates()
    try:
        with Servers(certificates=certificates) as servers:
            path = servers.ca_file
        assert os.path.exists(path) and certificates.ca_file == path
        assert os.path.basename(certificates.certificate) in certificates.endpoint()
    finally:
        certificates.close()
    assert not os.path.exists(path)


def test_misuse_is_refused_with_an_error():
    """Misuse is refused: both or neither of app and path, words that the type does not know, an
    unknown backend."""
    with Servers() as servers:
        with pytest.raises(TypeError):
            servers.http()
        with pytest.raises(TypeError):
            servers.http(app=lambda request: None, path='.')
        with pytest.raises(UsageError):
            servers.start('web', '--nonsense')
    with pytest.raises(UsageError):
        Servers('nonsense')


def test_fault_of_the_loop_thread():
    """An exception of a call in the loop's thread is raised in the caller's."""
    with Servers() as servers:
        with pytest.raises(ZeroDivisionError):
            servers.call(lambda: 1 // 0)
        assert servers.call(lambda: 7) == 7
        servers.tcp(Protocol)
