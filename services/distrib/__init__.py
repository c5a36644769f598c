# Copyright the carryall authors.  See LICENSE.
"""The distributed web: one port whose pages come from other processes, users,
machines and runtimes.

    front end       users.py (a page for each user), subscription.py (one of the servers behind)
    personal server publisher.py
    between them    one call over Perspective Broker for each request (state.py),
                    and calls back with the response

Wire-compatible with twisted.web.distrib, in both roles.
"""
from __future__ import absolute_import, division, print_function
