# Copyright the carryall authors.  See LICENSE.
"""Modules that were moved can be imported by their former names, with a DeprecationWarning;
a class that was renamed can be used by its former name.

Tests:    tests/house/test_former_names.py
"""
from __future__ import absolute_import, division, print_function

import sys
import warnings

__all__ = ['FORMER', 'FormerClass', 'FormerNames', 'FormerTable', 'former_class', 'former_table',
           'install']

FORMER = {
    'carryall.core.appendfile': 'carryall.core.files.appendfile',
    'carryall.core.application': 'carryall.app.application',
    'carryall.app.bans': 'carryall.app.loginoptions',
    'carryall.core.auth.bans': 'carryall.app.loginoptions',
    'carryall.core.auth.places': 'carryall.core.auth.checkqueue',
    'carryall.core.auth.turns': 'carryall.core.auth.checkqueue',
    'carryall.core.buffer': 'carryall.core.codec.buffer',
    'carryall.core.commands': 'carryall.core.line.commandtable',
    'carryall.core.cursor': 'carryall.core.codec.cursor',
    'carryall.core.deadlines': 'carryall.core.net.deadlines',
    'carryall.core.endpoints': 'carryall.app.endpoints',
    'carryall.core.eyeballs': 'carryall.core.net.eyeballs',
    'carryall.core.filenames': 'carryall.core.files.filenames',
    'carryall.core.fileuser': 'carryall.core.files.fileuser',
    'carryall.core.folders': 'carryall.core.files.folders',
    'carryall.core.framing': 'carryall.core.line.framing',
    'carryall.core.gathering': 'carryall.core.line.commandserver',
    'carryall.core.handover': 'carryall.core.wrap.relay',
    'carryall.core.home': 'carryall.app.home',
    'carryall.core.ip': 'carryall.core.net.ip',
    'carryall.core.kinds': 'carryall.app.optiontypes',
    'carryall.core.leaving': 'carryall.core.wrap.linger',
    'carryall.core.limits': 'carryall.core.bounds',
    'carryall.core.loop': 'carryall.core.net.loop',
    'carryall.core.networks': 'carryall.core.net.networks',
    'carryall.core.octetpaths': 'carryall.core.files.octetpaths',
    'carryall.core.options': 'carryall.app.options',
    'carryall.core.plainfile': 'carryall.core.files.plainfile',
    'carryall.core.policies': 'carryall.core.wrap.policies',
    'carryall.core.process': 'carryall.core.net.process',
    'carryall.core.protocol': 'carryall.core.net.protocol',
    'carryall.core.proxies': 'carryall.app.proxies',
    'carryall.core.proxyprotocol': 'carryall.core.wrap.proxyprotocol',
    'carryall.core.registry': 'carryall.app.servicetypes',
    'carryall.core.segment': 'carryall.core.net.segment',
    'carryall.core.service': 'carryall.app.service',
    'carryall.core.stamps': 'carryall.core.files.stamps',
    'carryall.core.tapcodec': 'carryall.app.tapcodec',
    'carryall.core.tapfile': 'carryall.app.tapfile',
    'carryall.core.tapscalars': 'carryall.app.tapscalars',
    'carryall.core.testing.loop': 'carryall.core.testing.fakeloop',
    'carryall.core.testing.wire': 'carryall.core.testing.fakewire',
    'carryall.core.tls.der': 'carryall.core.codec.der',
    'carryall.core.tls.making': 'carryall.core.tls.authority',
    'carryall.core.tls.stopping': 'carryall.core.tls.closure',
    'carryall.core.transport': 'carryall.core.net.transport',
    'carryall.core.turns': 'carryall.core.net.turns',
    'carryall.core.usage': 'carryall.app.usage',
    'carryall.services.targets': 'carryall.services.portforward.targets',
    'carryall.core.wirenum': 'carryall.core.codec.numbers',
    'carryall.protocols.ftp.accounts': 'carryall.protocols.ftp.account',
    'carryall.protocols.ftp.addresses': 'carryall.protocols.ftp.hostport',
    'carryall.protocols.ftp.clientdata': 'carryall.protocols.ftp.dataconnector',
    'carryall.protocols.ftp.clientsession': 'carryall.protocols.ftp.formerftp',
    'carryall.protocols.ftp.data': 'carryall.protocols.ftp.dataconnection',
    'carryall.protocols.ftp.datacommands': 'carryall.protocols.ftp.transfercommands',
    'carryall.protocols.ftp.files': 'carryall.protocols.ftp.filesystem',
    'carryall.protocols.ftp.globbing': 'carryall.protocols.ftp.namepattern',
    'carryall.protocols.ftp.hooks': 'carryall.protocols.ftp.service',
    'carryall.protocols.ftp.limits': 'carryall.protocols.ftp.formerftp',
    'carryall.protocols.ftp.listing': 'carryall.protocols.ftp.unixlist',
    'carryall.protocols.ftp.login': 'carryall.protocols.ftp.accesscontrol',
    'carryall.protocols.ftp.paths': 'carryall.protocols.ftp.pathname',
    'carryall.protocols.ftp.replies': 'carryall.protocols.ftp.wire',
    'carryall.protocols.ftp.site': 'carryall.protocols.ftp.formerftp',
    'carryall.protocols.ftp.telnet': 'carryall.protocols.ftp.telnetfilter',
    'carryall.protocols.http.body': 'carryall.protocols.http.message.messagebody',
    'carryall.protocols.http.client_auth': 'carryall.protocols.http.client.authorization',
    'carryall.protocols.http.client_connection': 'carryall.protocols.http.client.clientconnection',
    'carryall.protocols.http.client_guard': 'carryall.core.net.addressguard',
    'carryall.protocols.http.client_jar': 'carryall.protocols.http.client.cookiejar',
    'carryall.protocols.http.client_pool': 'carryall.protocols.http.client.connectionpool',
    'carryall.protocols.http.client_redirects': 'carryall.protocols.http.client.redirects',
    'carryall.protocols.http.client_request': 'carryall.protocols.http.client.clientrequest',
    'carryall.protocols.http.client_response': 'carryall.protocols.http.client.clientresponse',
    'carryall.protocols.http.client_url': 'carryall.protocols.http.client.clienturl',
    'carryall.protocols.http.codings': 'carryall.protocols.http.fields.codings',
    'carryall.protocols.http.conditionals': 'carryall.protocols.http.fields.conditionals',
    'carryall.protocols.http.cookies': 'carryall.protocols.http.fields.cookies',
    'carryall.protocols.http.dates': 'carryall.protocols.http.fields.dates',
    'carryall.protocols.http.decoding': 'carryall.protocols.http.message.contentdecoder',
    'carryall.protocols.http.disposition': 'carryall.protocols.http.fields.disposition',
    'carryall.protocols.http.etags': 'carryall.protocols.http.fields.etags',
    'carryall.protocols.http.events': 'carryall.protocols.http.message.events',
    'carryall.protocols.http.framing': 'carryall.protocols.http.message.headersection',
    'carryall.protocols.http.grammar': 'carryall.protocols.http.fields.grammar',
    'carryall.protocols.http.headers': 'carryall.protocols.http.fields.headerfields',
    'carryall.protocols.http.heads': 'carryall.protocols.http.message.heads',
    'carryall.protocols.http.limits': 'carryall.protocols.http.settings',
    'carryall.protocols.http.mediatypes': 'carryall.protocols.http.fields.mediatypes',
    'carryall.protocols.http.multipart': 'carryall.protocols.http.forms.multipart',
    'carryall.protocols.http.parameters': 'carryall.protocols.http.fields.fieldsyntax',
    'carryall.protocols.http.ranges': 'carryall.protocols.http.fields.ranges',
    'carryall.protocols.http.reply': 'carryall.protocols.http.server.reply',
    'carryall.protocols.http.request': 'carryall.protocols.http.server.request',
    'carryall.protocols.http.response': 'carryall.protocols.http.message.response',
    'carryall.protocols.http.sending': 'carryall.protocols.http.message.bodysender',
    'carryall.protocols.http.server_auth': 'carryall.protocols.http.auth.serverauth',
    'carryall.protocols.http.server_digest': 'carryall.protocols.http.auth.digestauth',
    'carryall.protocols.http.site': 'carryall.protocols.http.server.httpsite',
    'carryall.protocols.http.tables': 'carryall.protocols.http.fields.tables',
    'carryall.protocols.http.uri': 'carryall.core.codec.uri',
    'carryall.protocols.http.websocket': 'carryall.protocols.websocket.session',
    'carryall.protocols.http.websocket_client': 'carryall.protocols.websocket.client',
    'carryall.protocols.http.websocket_deflate': 'carryall.protocols.websocket.deflate',
    'carryall.protocols.http.websocket_server': 'carryall.protocols.websocket.server',
    'carryall.protocols.http.websocket_stream': 'carryall.protocols.websocket.messagestream',
    'carryall.protocols.http.websocket_wire': 'carryall.protocols.websocket.wire',
    'carryall.protocols.http.wire': 'carryall.protocols.http.message.wire',
    'carryall.protocols.mxlookup': 'carryall.protocols.dns.mxlookup',
    'carryall.protocols.pb.asking': 'carryall.protocols.pb.outgoingcalls',
    'carryall.protocols.pb.keys': 'carryall.protocols.pb.dictkeys',
    'carryall.protocols.pb.patience': 'carryall.protocols.pb.liveness',
    'carryall.protocols.pb.reference': 'carryall.protocols.pb.remotereference',
    'carryall.protocols.pb.serving': 'carryall.protocols.pb.incomingcalls',
    'carryall.protocols.pb.stream': 'carryall.protocols.pb.bytestream',
    'carryall.protocols.portforward_datagrams': 'carryall.protocols.portforward.datagramforwarder',
    'carryall.protocols.simple.bounded': 'carryall.core.net.boundedprotocol',
    'carryall.protocols.simple.ident': 'carryall.protocols.ident',
    'carryall.protocols.smtp.addresses': 'carryall.protocols.smtp.mailbox',
    'carryall.protocols.smtp.room': 'carryall.protocols.smtp.messagememory',
    'carryall.protocols.smtp.body': 'carryall.core.line.transparency',
    'carryall.protocols.smtp.replies': 'carryall.protocols.smtp',
    'carryall.protocols.smtp.sending': 'carryall.protocols.smtp.transfer',
    'carryall.services.console.completion': 'carryall.services.console.namecompletion',
    'carryall.services.distrib.patience': 'carryall.services.distrib.waittime',
    'carryall.services.ftp.accounts': 'carryall.services.ftp.ftpaccounts',
    'carryall.services.ftp.memory': 'carryall.services.ftp.memoryfiles',
    'carryall.protocols.smtp.authentication': 'carryall.core.auth.sasl.authdialogue',
    'carryall.protocols.smtp.unhurried': 'carryall.protocols.smtp.server',
    'carryall.services.mail.headers': 'carryall.services.mail.mailheaders',
    'carryall.services.mail.parcel': 'carryall.services.mail.envelope',
    'carryall.services.mail.relay': 'carryall.services.mail.mailrelay',
    'carryall.services.web.guard': 'carryall.services.web.loginguard',
    'carryall.services.web.listing': 'carryall.services.web.folderlisting',
    'carryall.services.web.memory': 'carryall.services.web.readyresponses',
    'carryall.services.web.paths': 'carryall.services.web.requestpaths',
    'carryall.services.web.patterns': 'carryall.services.web.pathpatterns',
    'carryall.services.web.rules': 'carryall.services.web.pathrules',
}


class FormerNames(object):
    """Finds a module by its former name; it is the same object by both names."""

    def find_spec(self, name, path=None, target=None):
        # type: (str, Any, Any) -> Any
        """The spec of a former name; None for any other."""
        if name not in FORMER:
            return None
        # The class of specs, without another import.
        return type(sys.__spec__)(name, self)       # type: ignore

    def create_module(self, spec):
        # type: (Any) -> Any
        """The module by its present name."""
        module = _present(spec.name)
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module):
        # type: (Any) -> None
        """Gives the module back what its spec was; it has run already."""
        module.__spec__ = module.__spec__.loader_state

    def find_module(self, name, path=None):
        # type: (str, Any) -> Any
        """As `find_spec`, for Python 2."""
        return self if name in FORMER else None

    def load_module(self, name):
        # type: (str) -> Any
        """The module by its present name, for Python 2."""
        module = sys.modules[name] = _present(name)
        return module


def install():
    # type: () -> None
    """Adds the former names behind all other ways to find a module."""
    sys.meta_path.append(FormerNames())     # type: ignore  # of 2.7 and 3 at the same time


def _present(name):
    # type: (str) -> Any
    warnings.warn('%s is %s now' % (name, FORMER[name]), DeprecationWarning, 3)
    __import__(FORMER[name])
    return sys.modules[FORMER[name]]


# -- a class that was renamed ------------------------------------------------

# The class of a former name -> (that name, the present class)
_PRESENT = {}               # type: Dict[Any, Tuple[str, Any]]


class FormerClass(type):
    """The class of a former name: a call makes an object of the present class."""

    def __init__(cls, name, bases, members):
        type.__init__(cls, name, bases, members)
        if bases[0] in _PRESENT:
            _warn_of(bases[0])

    def __call__(cls, *args, **named):
        if cls not in _PRESENT:         # a subclass that a user has made
            return type.__call__(cls, *args, **named)
        _warn_of(cls)
        return _PRESENT[cls][1](*args, **named)

    def __instancecheck__(cls, value):
        if cls not in _PRESENT:
            return type.__instancecheck__(cls, value)
        return isinstance(value, _PRESENT[cls][1])

    def __subclasscheck__(cls, kind):
        if cls not in _PRESENT:
            return type.__subclasscheck__(cls, kind)
        return issubclass(kind, _PRESENT[cls][1])


def _warn_of(cls):
    # type: (Any) -> None
    former, present = _PRESENT[cls]
    warnings.warn('%s is %s.%s now' % (former, present.__module__, present.__name__),
                  DeprecationWarning, 3)


def former_class(former, present):
    # type: (str, Any) -> Any
    """The class *present* by the dotted name *former*; a use of it warns.

    Objects of *present* are instances of it, and it can be a base class.
    """
    members = {'__slots__': (), '__module__': present.__module__}
    made = FormerClass(former.rpartition('.')[2], (present,), members)
    _PRESENT[made] = (former, present)
    return made


# -- a table that was moved --------------------------------------------------

def former_table(name):
    # type: (str) -> Any
    """The table of the types of service, for a caller that used it as *name*."""
    warnings.warn('%s is carryall.commands.catalogue.TYPES now' % name, DeprecationWarning, 3)
    return __import__('carryall.commands.catalogue', None, None, ['TYPES']).TYPES


class FormerTable(object):
    """The table of the types of service at its former place; each use warns.

    Args:     name: dotted name of the former place.
    """

    def __init__(self, name):
        # type: (str) -> None
        self._name = name

    def __iter__(self):
        return iter(former_table(self._name))

    def __len__(self):
        return len(former_table(self._name))

    def __getitem__(self, index):
        return former_table(self._name)[index]


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Tuple
