# Copyright the carryall authors.  See LICENSE.
"""A client for any server, on any runtime: what it sends, and what comes back."""
from __future__ import absolute_import, division, print_function

import errno
import re
import socket

SECONDS = 20


class Client(object):
    """A connection; lines are sent with CRLF."""

    def __init__(self, address):
        self._socket = socket.create_connection(address, SECONDS)
        self._data = b''

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self._socket.close()

    def write(self, data):
        """Sends octets."""
        self._socket.sendall(data)

    def ask(self, line, pattern=br'.*\r\n'):
        """The answer to a line, as far as the pattern goes."""
        self.write(line + b'\r\n')
        return self.read(pattern)

    def read(self, pattern=br'.*\r\n'):
        """The octets that come, as far as the pattern goes."""
        wanted = re.compile(pattern, re.S)
        found = wanted.search(self._data)
        while found is None:
            data = self._receive()
            assert data, 'came: %r' % self._data
            self._data += data
            found = wanted.search(self._data)
        self._data, came = self._data[found.end():], self._data[:found.end()]
        return came

    def _receive(self):
        """Some octets; none at the end, which may be a reset."""
        try:
            return self._socket.recv(65536)
        except socket.timeout:
            raise
        except socket.error as exc:
            if exc.errno != errno.ECONNRESET:
                raise
            return b''

    def rest(self):
        """The octets until the end."""
        data = self._receive()
        while data:
            self._data += data
            data = self._receive()
        self._data, came = b'', self._data
        return came


def fetched(url, path, method=b'GET', body=b'', *lines):
    """(status, body) of an HTTP request."""
    host, _, port = url.partition('://')[2].rpartition(':')
    with Client((host, int(port))) as client:
        head = [method + b' ' + path + b' HTTP/1.1', b'Host: a.example', b'Connection: close']
        head += list(lines)
        if body:
            head.append(b'Content-Length: %d' % len(body))
        client.write(b'\r\n'.join(head) + b'\r\n\r\n' + body)
        answer = client.rest()
    head, _, content = answer.partition(b'\r\n\r\n')
    return int(head.split(b' ')[1]), content


def sent(address, recipient=b'b@there', text=b'Subject: hi\r\n\r\nhello'):
    """The last reply to a message."""
    with Client(address) as client:
        client.read()
        client.ask(b'EHLO me', br'250 .*\r\n')
        client.ask(b'MAIL FROM:<a@here>')
        reply = client.ask(b'RCPT TO:<' + recipient + b'>')
        if not reply.startswith(b'250'):
            return reply
        client.ask(b'DATA')
        return client.ask(text + b'\r\n.')
