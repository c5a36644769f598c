# Copyright the carryall authors.  See LICENSE.
"""From what Java throws to what carryall raises."""
from __future__ import absolute_import, division, print_function

import pytest
from java.io import IOException
from java.net import BindException, ConnectException, NoRouteToHostException, SocketTimeoutException
from java.nio.channels import UnresolvedAddressException

from carryall.core.errors import ConnectFailed, ConnectionLost, ListenFailed, Refused, TimedOut
from carryall.core.net.transport import Address
from carryall.runtimes.jvm import javafaults as faults

WHERE = Address('127.0.0.1', 80)


@pytest.mark.parametrize('exc, kind', [
    (ConnectException('Connection refused'), Refused),
    (ConnectException('Connection timed out'), TimedOut),
    (SocketTimeoutException('connect timed out'), TimedOut),
    (NoRouteToHostException('No route to host'), ConnectFailed),
    (IOException('No such file or directory'), Refused),
    (UnresolvedAddressException(), ConnectFailed)])
def test_connect_fault_has_a_kind_by_exception(exc, kind):
    fault = faults.connect_fault(exc, WHERE)
    assert type(fault) is kind and fault.cause is exc
    assert str(fault).startswith('cannot connect to 127.0.0.1:80: ')


def test_lost_and_listen_fault():
    cause = IOException('Connection reset by peer')
    fault = faults.lost_fault(cause)
    assert type(fault) is ConnectionLost and fault.cause is cause and 'reset' in str(fault)
    fault = faults.listen_fault(BindException('Address already in use'), WHERE)
    assert type(fault) is ListenFailed and '127.0.0.1:80' in str(fault)


def test_an_exception_without_message_is_named():
    assert 'UnresolvedAddressException' in faults.text_of(UnresolvedAddressException())
    assert faults.text_of(ValueError()) == 'ValueError'


@pytest.mark.parametrize('text, expected', [
    ('Too many open files', True), ('No buffer space available', True), ('Connection reset', False),
    (None, False)])
def test_is_out_of_resources(text, expected):
    assert faults.is_out_of_resources(IOException(text)) is expected
