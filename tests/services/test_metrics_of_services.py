# Copyright the carryall authors.  See LICENSE.
"""Traffic on each kind of server moves its counters."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.commands.catalogue import known_types
from carryall.core.metrics import metrics_of
from carryall.core.net.protocol import Protocol
from tests.contract.support import until
from tests.core import exposition

PORT = u'tcp:0:interface=127.0.0.1'

# Type, its options, name of the listener, (what the client sends, end of the answer) ...
DIALOGUES = {
    'ftp': (['ftp', '--port', PORT, '--root', '.', '--demo-user'], 'ftp', [
        (b'', b'220'), (b'NOOP\r\n', b'200'), (b'XYZZY\r\n', b'500'), (b'USER twisted\r\n', b'331'),
        (b'PASS wrong\r\n', b'530'), (b'USER twisted\r\n', b'331'),
        (b'PASS twisted\r\n', b'230')]),
    'pop3': (['mail', '--smtp', PORT, '--pop3', PORT, '-d', 'a.example=maildirs',
              '-u', 'anna=secret'], 'pop3', [
        (b'', b'+OK'), (b'CAPA\r\n', b'\r\n.\r\n'), (b'USER anna\r\n', b'+OK'),
        (b'PASS wrong\r\n', b'-ERR'), (b'USER anna\r\n', b'+OK'), (b'PASS secret\r\n', b'+OK')]),
    'socks': (['socks', '--port', PORT], 'socks', [
        (b'\5\1\0', b'\5\0'), (b'\5\1\0\1\x7f\0\0\1\0\1', b'\5\5')]),
    'finger': (['finger', '--port', PORT, '--folder', '.'], 'finger', [
        (b'ann\r\n', b'\n')]),
}
COUNTS = {
    'ftp': {'NOOP': 1, 'USER': 2, 'PASS': 2, 'unknown': 1},
    'pop3': {'CAPA': 1, 'USER': 2, 'PASS': 2},
    'socks': {'connect': 1},
    'finger': {'QUERY': 1},
}
LOGINS = {'ftp': {'failure': 1, 'success': 1}, 'pop3': {'failure': 1, 'success': 1}, 'socks': {},
          'finger': {}}


class Talk(Protocol):
    """Keeps what comes."""

    def __init__(self):
        self.came = b''

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.came += data


def column(found, family, listener):
    """The numbers of one listener, by the second label."""
    return dict((dict(labels).get('command') or dict(labels).get('result'), int(number))
                for (name, labels), number in found.items()
                if name == family and dict(labels)['listener'] == listener)


@pytest.mark.parametrize('name', sorted(DIALOGUES))
def test_commands_logins_and_octets_are_counted(loop, name, tmpdir):
    words, listener, dialogue = DIALOGUES[name]
    with tmpdir.as_cwd():
        kind = known_types().get(words[0])
        service = kind.make(kind.options.parse(words[1:]))
        metrics_of(loop).watched = True
        service.start(loop)
    try:
        port = int([line for line in service.listening() if line.startswith(listener + ' ')][0]
                   .rpartition(':')[2])
        transport, talk = loop.run_until(loop.connect_tcp(Talk, '127.0.0.1', port))
        sent = 0
        received = 0
        for line, answer in dialogue:
            transport.write(line)
            sent += len(line)
            until(loop, lambda: answer in talk.came, line)
            received += len(talk.came)
            talk.came = b''
        found = exposition.read(metrics_of(loop).text())
        assert column(found, 'carryall_commands_total', listener) == COUNTS[name]
        assert column(found, 'carryall_logins_total', listener) == LOGINS[name]
        here = (('listener', listener),)
        assert int(found['carryall_received_bytes_total', here]) == sent
        assert int(found['carryall_sent_bytes_total', here]) >= received
        transport.close()
    finally:
        loop.run_until(service.stop(1.0))
