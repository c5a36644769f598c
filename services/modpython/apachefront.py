# Copyright the carryall authors.  See LICENSE.
"""The configuration for Apache 2.4 before this server, by FastCGI (feature MPY-13).

Apache passes the client's address, TLS and the login on as variables, so handlers see the same as
in Apache itself.

Tests:    tests/services/modpython/test_apachefront.py, the case modpython-apache
"""
from __future__ import absolute_import, division, print_function

__all__ = ['front_configuration']

HEAD = '''# Apache 2.4 before carryall; written at its start.  Debian: a2enmod proxy proxy_fcgi
'''
# CGIPassAuth: handlers check passwords themselves.  flushpackets: a piece that a handler has
# flushed goes on at once.  NoDecode: handlers see the path as the client has sent it.
RULES = '''%(indent)sAllowEncodedSlashes NoDecode
%(indent)sProxyPass "/" "%(target)s" flushpackets=on
%(indent)s<Location "/">
%(indent)s    CGIPassAuth On
%(indent)s</Location>
'''
HOST = '''<VirtualHost *>
    ServerName %(name)s
%(aliases)s%(rules)s</VirtualHost>
'''


def _target(address):
    # type: (Any) -> str
    """The URL of an address, as Apache takes it."""
    if address.port is None:
        return 'unix:%s|fcgi://localhost/' % address.host
    host = '[%s]' % address.host if ':' in address.host else address.host
    return 'fcgi://%s:%d/' % (host, address.port)


def front_configuration(hosts, address):
    # type: (Sequence[Host], Any) -> str
    """Apache's configuration.

    Args:     hosts:   those of the site; a virtual one gets a <VirtualHost>.
              address: where FastCGI is spoken.
    """
    target = _target(address)
    parts = [HEAD]
    for host in hosts:
        if not host.is_virtual:
            parts.append(RULES % {'indent': '', 'target': target})
            continue
        aliases = ''.join('    ServerAlias %s\n' % alias for alias in host.aliases)
        parts.append(HOST % {'name': host.name, 'aliases': aliases,
                             'rules': RULES % {'indent': '    ', 'target': target}})
    return ''.join(parts)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Sequence
    from carryall.services.modpython.siteconfig import Host
