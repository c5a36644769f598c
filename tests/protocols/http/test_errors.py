# Copyright the carryall authors.  See LICENSE.
"""HTTPError: the status for the peer, from the grammar and from an application."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import RemoteProtocolError
from carryall.protocols.http import HTTPError, Settings
from carryall.protocols.http.message import RequestReceiver
from tests.protocols.http.stage import GET, Stage


def test_a_receiver_raises_it_with_the_status():
    receiver = RequestReceiver(Settings())
    receiver.receive_data(b'BREW / HTTP/1.1\r\n\r\n')
    with pytest.raises(HTTPError) as caught:
        receiver.next_event()
    assert caught.value.code == 501
    assert caught.value.reply == 501
    assert isinstance(caught.value, RemoteProtocolError)


def test_an_application_refuses_a_request_with_it():
    def app(request):
        raise HTTPError('no such account', reply=404)

    assert Stage(app).say(GET).startswith(b'HTTP/1.1 404 Not Found\r\n')
