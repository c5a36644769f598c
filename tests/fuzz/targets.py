# Copyright the carryall authors.  See LICENSE.
"""What is fuzzed: each protocol's servers, clients and grammars, with scripts to begin from and words to put in.

A Target's ``run(script, way)`` plays a script cut in a *way* (``runs.cuts``) and gives what came of it, or raises Fault.
"""
from __future__ import absolute_import, division, print_function

from tests.fuzz import mail_targets, session_targets, websocket_targets

__all__ = ['FAMILIES', 'TARGETS', 'family']

TARGETS = dict((target.name, target) for target in session_targets.ALL + mail_targets.ALL + websocket_targets.ALL)

# The name of a protocol -> the names of its targets.
FAMILIES = {
    'ftp': ['ftp', 'ftp-client', 'ftp-grammar'],
    'smtp': ['smtp', 'lmtp', 'smtp-client', 'smtp-grammar'],
    'pop3': ['pop3', 'pop3-client'],
    'finger': ['finger', 'finger-client', 'whois'],
    'telnet': ['telnet', 'telnet-client', 'console'],
    'socks': ['socks', 'socks-client'],
    'portforward': ['portforward'],
    'websocket': ['websocket', 'websocket-client', 'websocket-connect', 'websocket-grammar'],
}


def family(name):
    """The targets of a protocol, or the one of that name; KeyError if there is none."""
    return [TARGETS[each] for each in FAMILIES.get(name, [name])]
