# Copyright the carryall authors.  See LICENSE.
"""Messages of either role: octets to events and back, and their bodies (RFC 9112)."""
from __future__ import absolute_import, division, print_function

from carryall.protocols.http.message.bodysender import BodySender, FileSender
from carryall.protocols.http.message.eventstream import (Event, EventParser, EventStream,
                                                         encode_event, last_event_id)
from carryall.protocols.http.message.events import CLOSED, End, RequestHead, ResponseHead
from carryall.protocols.http.message.headersection import CHUNKED, UNTIL_CLOSE, Section
from carryall.protocols.http.message.heads import RequestReceiver, ResponseReceiver, SeenSections
from carryall.protocols.http.message.messagebody import Body
from carryall.protocols.http.message.response import (FileBody, Response, Upgrade,
                                                      method_not_allowed, plain_response)

__all__ = ['Body', 'BodySender', 'CHUNKED', 'CLOSED', 'End', 'Event', 'EventParser',
           'EventStream', 'FileBody', 'FileSender',
           'RequestHead', 'RequestReceiver', 'Response', 'ResponseHead', 'ResponseReceiver',
           'Section', 'SeenSections', 'UNTIL_CLOSE', 'Upgrade', 'encode_event', 'last_event_id',
           'method_not_allowed', 'plain_response']
