# Copyright the carryall authors.  See LICENSE.
"""Servers for tests: they keep what came, answer what they are told to, and fail on command.

    servers = ServerSet(loop, types, kinds)
    number, places = servers.begin('http', {})
    servers.call(number, 'respond', {'path': u'/a', 'body': b'hello'})

Values and answers are plain, so that a server can be controlled from another process: ``carryall
test-server`` does it by lines of JSON.  Not here: the objects that tests use
(carryall.testservers).
"""
from __future__ import absolute_import, division, print_function

from carryall.services.testservers.serverset import ServerSet

__all__ = ['ServerSet']
