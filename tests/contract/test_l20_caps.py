# Copyright the carryall authors.  See LICENSE.
"""L20: a capability that a backend lacks is false in caps, with a reason, and its call raises
Unsupported with it."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import ListenFailed, SpawnFailed, Unsupported
from carryall.core.net.loop import Caps
from carryall.core.testing import StrictProtocol
from tests.contract.support import Packets, connected, need_ipv6, short_path


def _unix(loop, tmpdir):
    loop.listen_unix(StrictProtocol, short_path(tmpdir)).close()


def _connect_unix(loop, tmpdir):
    try:
        loop.run_until(loop.connect_unix(StrictProtocol, short_path(tmpdir)))
    except Unsupported:
        raise
    except Exception:               # no one listens there
        pass


def _signals(loop, _tmpdir):
    loop.add_signal_handler('USR1', list)
    assert loop.remove_signal_handler('USR1')


def _subprocesses(loop, _tmpdir):
    try:
        loop.run_until(loop.spawn(StrictProtocol, ['/no/such/program']))
    except SpawnFailed:
        pass


def _multicast(loop, _tmpdir):
    transport = loop.open_udp(Packets, '0.0.0.0')
    transport.join_group('239.255.77.2', '127.0.0.1')


def _udp(loop, _tmpdir):
    loop.open_udp(Packets).close()


def _half_close(loop, _tmpdir):
    pair = connected(loop)
    if not pair.client.transport.can_write_eof():
        raise Unsupported(loop.caps.why_not('half_close'))


def _tls(loop, _tmpdir):
    pair = connected(loop)
    if loop.caps.tls:
        return                      # law L18 has tests of its own
    loop.start_tls(pair.client.transport, None)


CALLS = {'unix': (_unix, _connect_unix), 'signals': (_signals,), 'subprocesses': (_subprocesses,),
         'multicast': (_multicast,), 'udp': (_udp,), 'half_close': (_half_close,), 'tls': (_tls,)}


@pytest.mark.parametrize('name', sorted(CALLS))
def test_l20_true_means_it_works_and_false_means_unsupported(loop, name, tmpdir):
    for call in CALLS[name]:
        if getattr(loop.caps, name):
            call(loop, tmpdir)
        else:
            with pytest.raises(Unsupported) as caught:
                call(loop, tmpdir)
            assert loop.caps.why_not(name) in str(caught.value)


@pytest.mark.parametrize('name', Caps.NAMES)
def test_l20_every_missing_capability_has_a_reason(loop, name):
    value = getattr(loop.caps, name)
    assert value is True or value is False
    reason = loop.caps.why_not(name)
    if value:
        assert reason is None
        loop.caps.require(name)
    else:
        assert len(reason) > 10, reason
        with pytest.raises(Unsupported) as caught:
            loop.caps.require(name)
        assert reason in str(caught.value)


def test_l20_ipv6_is_as_the_caps_tell(machine):
    if not machine.caps.ipv6:
        with pytest.raises((Unsupported, ListenFailed)):
            machine.listen_tcp(StrictProtocol, '::1')
        return
    need_ipv6(machine)


def test_l20_without_sendfile_files_are_sent_all_the_same(loop, tmpdir):
    path = tmpdir.join('f')
    path.write(b'contents', 'wb')
    pair = connected(loop)
    with open(str(path), 'rb') as source:
        assert loop.run_until(pair.server.transport.write_file(source, 0, 8)) == 8


def test_l20_the_backend_has_its_name(backend):
    from tests.contract.support import new_loop
    loop = new_loop(backend)
    assert loop.backend == backend
    loop.close()
