# Copyright the carryall authors.  See LICENSE.
"""The HTTP client: connections that are kept, redirects, cookies, logins (RFC 9110, 9112).

    client = HTTPClient(loop, Settings(redirects=3))
    response = loop.run_until(client.get('http://127.0.0.1:8080/'))
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.http.client.authorization import (Bearer, Login, Netrc, named_challenges,
                                                          parse_netrc)
from carryall.protocols.http.client.client import HTTPClient
from carryall.protocols.http.client.clientrequest import Timeouts, request_head
from carryall.protocols.http.client.clientresponse import (ClientResponse, Timing, Via, is_whole,
                                                           resume_fields,
                                                           resumes_at, validator)
from carryall.protocols.http.client.clienturl import Location, parse_url
from carryall.protocols.http.client.cookiejar import Jar
from carryall.protocols.http.client.settings import Settings
from carryall.protocols.http.errors import HTTPError

__all__ = ['Bearer', 'ClientResponse', 'HTTPClient', 'HTTPError', 'Jar', 'Location', 'Login',
           'Netrc', 'Settings',
           'Timeouts', 'Timing', 'Via', 'is_whole', 'named_challenges', 'parse_netrc', 'parse_url',
           'request_head',
           'resume_fields', 'resumes_at', 'validator']
