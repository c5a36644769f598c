# Copyright the carryall authors.  See LICENSE.
"""CGI/1.1: the variables of a request and the answer of a program (RFC 3875).

    variables = meta_variables(request, script)         # gateway: what a program is told
    answer = ProgramAnswer(clock, settings, method, pause, resume, stop)
    answer.feed(b'Status: 404\\n\\n')                    # gateway: what it said
    response = answer.response                          # a Future of a Response, or of a Redirect

    exchange = Exchange(app, clock, write, done, wanted)        # program: asks an application
    exchange.begin(dict(variables))

CGI has no connection: how octets get from one side to the other is a matter of pipes, FastCGI, SCGI
or uwsgi.  These share what is here.
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.cgi.onerequest import (OneAnswerClient, OneRequestServer,
                                              OneRequestSettings)
from carryall.protocols.cgi.responder import AnswerSender, Exchange, GatewayRequest, request_of
from carryall.protocols.cgi.errors import CGIError
from carryall.protocols.cgi.gateway import ProgramAnswer, Redirect
from carryall.protocols.cgi.settings import Settings
from carryall.protocols.cgi.upstream import BodyPump, UpstreamClient
from carryall.protocols.cgi.variables import ScriptVariables, meta_variables, search_words
from carryall.protocols.cgi.wire import AnswerHead, AnswerReader

__all__ = ['AnswerHead', 'AnswerReader', 'AnswerSender', 'BodyPump', 'CGIError', 'Exchange',
           'GatewayRequest', 'OneAnswerClient', 'OneRequestServer', 'OneRequestSettings',
           'ProgramAnswer', 'Redirect', 'ScriptVariables', 'Settings', 'UpstreamClient',
           'meta_variables', 'request_of', 'search_words']
