# Copyright the carryall authors.  See LICENSE.
"""The distributed web: one port whose pages come from other processes, users,
machines and runtimes.

    front end       users.py (a page for each user), subscription.py (one of its servers)
    personal server publisher.py
    between them    one call over Perspective Broker for each request (state.py),
                    and calls in the other direction with the response

Wire-compatible with twisted.web.distrib, in both roles.
"""
from __future__ import absolute_import, division, print_function
