# Copyright the carryall authors.  See LICENSE.
"""From errno to what carryall raises."""
from __future__ import absolute_import, division, print_function

import errno
import os
import socket

import pytest

from carryall.core.errors import ConnectFailed, ConnectionLost, ListenFailed, Refused, TimedOut
from carryall.core.net.transport import Address
from carryall.runtimes import faults

WHERE = Address('127.0.0.1', 80)


@pytest.mark.parametrize('number, kind', [
    (errno.ECONNREFUSED, Refused), (errno.ENOENT, Refused), (errno.ETIMEDOUT, TimedOut),
    (errno.ENETUNREACH, ConnectFailed), (errno.EHOSTUNREACH, ConnectFailed),
    (errno.EADDRNOTAVAIL, ConnectFailed)])
def test_connect_fault_has_a_kind_by_number(number, kind):
    cause = socket.error(number, 'words of the system')
    fault = faults.connect_fault(cause, WHERE)
    assert type(fault) is kind and fault.cause is cause
    assert str(fault) == 'cannot connect to 127.0.0.1:80: ' + os.strerror(number)


def test_lost_and_listen_fault():
    cause = socket.error(errno.ECONNRESET, 'x')
    assert type(faults.lost_fault(cause)) is ConnectionLost and faults.lost_fault(
        cause).cause is cause
    fault = faults.listen_fault(socket.error(errno.EADDRINUSE, 'x'), WHERE)
    assert type(fault) is ListenFailed and '127.0.0.1:80' in str(fault)


@pytest.mark.parametrize('exc, expected', [
    (socket.error(errno.EAGAIN, 'x'), errno.EAGAIN), (OSError(5, 'x'), 5),
    (ValueError('no number'), None),
    (ValueError(), None), (socket.error('only words'), None)])
def test_errno_of_finds_the_number(exc, expected):
    assert faults.errno_of(exc) == expected


def test_a_fault_without_number_has_words_all_the_same():
    assert 'no number' in str(faults.lost_fault(ValueError('no number')))
    assert 'OverflowError' in str(faults.connect_fault(OverflowError(), WHERE))


def test_sets_of_numbers():
    assert errno.EAGAIN in faults.RETRY and errno.EINTR in faults.RETRY
    assert errno.EINPROGRESS in faults.IN_PROGRESS
    assert errno.EMFILE in faults.OUT_OF_RESOURCES \
        and errno.ECONNABORTED not in faults.OUT_OF_RESOURCES
