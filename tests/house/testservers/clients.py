# Copyright the carryall authors.  See LICENSE.
"""A client for any server, on any runtime: what it sends, and what comes back."""
from __future__ import absolute_import, division, print_function

import re

from carryall import telnetlib

SECONDS = 20


class Client(object):
    """A connection; lines are sent with CRLF."""

    def __init__(self, address):
        self._stream = telnetlib.Telnet(address[0], address[1], SECONDS)

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self._stream.close()

    def ask(self, line, pattern=br'.*\r\n'):
        """The answer to a line, as far as the pattern goes."""
        self._stream.write(line + b'\r\n')
        return self.read(pattern)

    def read(self, pattern=br'.*\r\n'):
        """The octets that come, as far as the pattern goes."""
        found = self._stream.expect([re.compile(pattern, re.S)], SECONDS)
        assert found[1] is not None, 'came: %r' % found[2]
        return found[2]

    def rest(self):
        """The octets until the end."""
        return self._stream.read_all()


def fetched(url, path, method=b'GET', body=b'', *lines):
    """(status, body) of an HTTP request."""
    host, _, port = url.partition('://')[2].rpartition(':')
    with Client((host, int(port))) as client:
        head = [method + b' ' + path + b' HTTP/1.1', b'Host: a.example', b'Connection: close']
        head += list(lines)
        if body:
            head.append(b'Content-Length: %d' % len(body))
        client._stream.write(b'\r\n'.join(head) + b'\r\n\r\n' + body)
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
