# Copyright the carryall authors.  See LICENSE.
"""The small protocols, one page each; ``echo`` is a good place to begin reading.

    echo          sends back what comes                         RFC 862
    discard       drops what comes, and counts it               RFC 863
    chargen       characters for as long as they are read       RFC 864
    qotd          a quotation                                   RFC 865
    systat        the users who are logged in                   RFC 866
    daytime       the date and time for people                  RFC 867
    timeprotocol  the time for programs                         RFC 868
    tcpmux        one port for services with names              RFC 1078

Each module has the server over TCP, the server over UDP if there is one, and the clients.  Callers
import the modules, because a program needs few of them.  They share:

    settings, errors    Settings and SimpleError
    shortanswer         TCP: one answer and the end
    guarded             UDP: the guard that keeps our answers from third parties; its client
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.simple.errors import SimpleError
from carryall.protocols.simple.settings import Settings

__all__ = ['Settings', 'SimpleError']
