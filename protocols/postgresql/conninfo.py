# Copyright the carryall authors.  See LICENSE.
"""Connection strings of libpq: URIs and keywords, the service file and the password file.

    postgresql://user:password@host:5432,other:5433/name?sslmode=verify-full
    postgresql:///name?host=/run/postgresql&user=app            a Unix socket
    host=a,b port=5432 dbname=name user=app                     keywords

Keywords  host, hostaddr, port, dbname, user, password, passfile, connect_timeout, options,
          application_name, fallback_application_name, client_encoding, service, servicefile,
          sslmode, sslnegotiation, sslrootcert, sslcert, sslkey, sslpassword,
          ssl_min_protocol_version, ssl_max_protocol_version, channel_binding, require_auth,
          min_protocol_version, max_protocol_version, target_session_attrs, load_balance_hosts,
          gssencmode
Our own   statements      how many statements are remembered; 0 for a proxy that has none

Otherwise than libpq, the default of sslmode is disable for this machine and verify-full for all
others.  verify-ca looks at the name of the server, too.  Without sslrootcert the authorities of the
machine are trusted.  No variables of the environment are read.
Source:   PostgreSQL 18, sections 34.1.1 and 34.1.2, 34.16, 34.17.
Tests:    tests/protocols/postgresql/test_conninfo.py
"""
from __future__ import absolute_import, division, print_function

import os
import stat

from carryall.core.codec.numbers import decimal_text
from carryall.core.codec.uri import percent_decode
from carryall.core.compat import FAILURES
from carryall.core.errors import UsageError
from carryall.core.files.plainfile import opened
from carryall.core.files.smallfile import read_small_text
from carryall.core.logs import get_logger
from carryall.protocols.postgresql.settings import PORT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

__all__ = ['MAX_STATEMENTS', 'is_own', 'parse_location', 'password_of', 'ways_to_log_in']

SSL_MODES = ('disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full')
ATTRIBUTES = ('any', 'read-write', 'read-only', 'primary', 'standby', 'prefer-standby')
VERSIONS = ('3.0', '3.2', 'latest')
TLS_VERSIONS = ('TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3')
WAYS = ('password', 'md5', 'gss', 'sspi', 'scram-sha-256', 'oauth', 'none')
# Keyword -> the values that it may have, the default first; None for any text
KEYWORDS = {
    'host': None, 'hostaddr': None, 'port': None, 'dbname': None, 'user': None, 'password': None,
    'passfile': None, 'connect_timeout': None, 'options': None, 'application_name': None,
    'fallback_application_name': None, 'service': None, 'servicefile': None, 'sslrootcert': None,
    'sslcert': None, 'sslkey': None, 'sslpassword': None, 'require_auth': None, 'statements': None,
    'client_encoding': ('utf8', 'UTF8', 'auto'), 'sslmode': SSL_MODES,
    'sslnegotiation': ('postgres', 'direct'), 'ssl_min_protocol_version': TLS_VERSIONS,
    'ssl_max_protocol_version': TLS_VERSIONS, 'channel_binding': ('prefer', 'disable', 'require'),
    'min_protocol_version': VERSIONS, 'max_protocol_version': VERSIONS,
    'target_session_attrs': ATTRIBUTES, 'load_balance_hosts': ('disable', 'random'),
    'gssencmode': ('disable', 'prefer'),
}                           # type: Dict[str, Optional[Tuple[str, ...]]]

OWN_HOSTS = ('127.0.0.1', '::1', 'localhost')
SERVICE_FILE = '~/.pg_service.conf'
PASSWORD_FILE = '~/.pgpass'
MAX_PASSWORDS = 1 << 20     # octets of a password file
MAX_SECONDS = 86400         # of connect_timeout
MAX_STATEMENTS = 100000

log = get_logger('postgresql')


def is_own(host):
    # type: (str) -> bool
    """True if *host* is this machine, or the folder of a Unix socket."""
    return host in OWN_HOSTS or host.startswith(u'/')


def parse_location(location):
    # type: (str) -> Tuple[List[Tuple[str, int]], Dict[str, str]]
    """The (host, port) pairs and the other keywords of a connection string.

    Raises:   UsageError: it is none, or the service that it names does not exist.
    """
    scheme, slashes, rest = location.partition(u'://')
    if slashes and u'=' not in scheme:
        if scheme not in (u'postgresql', u'postgres'):
            raise UsageError(u'a URI such as postgresql://user@host/name is wanted')
        options = _of_uri(rest)
    elif u'=' in location:
        options = dict(_pairs(location))
    else:
        raise UsageError(u'a URI such as postgresql://user@host/name is wanted')
    _check(options)
    if 'service' in options:
        found = _service(options.pop('service'), options.pop('servicefile', SERVICE_FILE))
        options = dict(found, **options)
        _check(options)
    return _hosts(options), options


def _of_uri(rest):
    # type: (str) -> Dict[str, str]
    rest, _, query = rest.partition(u'?')
    authority, _, name = rest.partition(u'/')
    login, _, hosts = authority.rpartition(u'@')
    user, _, password = login.partition(u':')
    options = {}                # type: Dict[str, str]
    for word, text in ((u'user', user), (u'password', password), (u'dbname', name)):
        if text:
            options[word] = _decoded(text)
    if hosts:
        pairs = [_host_and_port(each) for each in hosts.split(u',')]
        options['host'] = u','.join(_decoded(host) for host, _ in pairs)
        if any(port for _, port in pairs):
            options['port'] = u','.join(port for _, port in pairs)
    for pair in query.split(u'&') if query else ():
        word, _, text = pair.partition(u'=')
        if word == 'ssl' and text == u'true':       # as the JDBC driver has it
            word = u'sslmode'
            text = u'require'
        options[word] = _decoded(text)
    return options


def _host_and_port(text):
    # type: (str) -> Tuple[str, str]
    if text.startswith(u'['):
        host, bracket, rest = text[1:].partition(u']')
        if not bracket or rest and not rest.startswith(u':'):
            raise UsageError(u'%s is no host of a URI of PostgreSQL' % text)
        return host, rest[1:]
    host, _, port = text.partition(u':')
    return host, port


def _decoded(text):
    # type: (str) -> str
    octets = percent_decode(text.encode('utf-8'))
    try:
        if octets is not None:
            return octets.decode('utf-8')
    except UnicodeError:
        pass
    raise UsageError(u'a URI of PostgreSQL is not encoded well')


def _pairs(text):
    # type: (str) -> Iterator[Tuple[str, str]]
    """The pairs of ``keyword = 'value with \\' and \\\\' other=plain``."""
    place = 0
    end = len(text)
    while True:
        place = _behind_blanks(text, place)
        if place >= end:
            return
        equals = text.find(u'=', place)
        word = text[place:equals].strip() if equals > 0 else u''
        if not word or len(word.split()) != 1:
            raise UsageError(u'a connection string has pairs of keyword=value')
        place = _behind_blanks(text, equals + 1)
        quoted = text[place:place + 1] == u"'"
        value, place = _value(text, place + 1 if quoted else place, quoted)
        yield word, value


def _behind_blanks(text, place):
    # type: (str, int) -> int
    while place < len(text) and text[place].isspace():
        place += 1
    return place


def _value(text, place, quoted):
    # type: (str, int, bool) -> Tuple[str, int]
    letters = []                # type: List[str]
    while place < len(text):
        letter = text[place]
        if letter == u'\\' and place + 1 < len(text):
            place += 1
            letter = text[place]
        elif quoted and letter == u"'":
            return u''.join(letters), place + 1
        elif not quoted and letter.isspace():
            return u''.join(letters), place
        letters.append(letter)
        place += 1
    if quoted:
        raise UsageError(u'a value of a connection string has no end')
    return u''.join(letters), place


def _check(options):
    # type: (Dict[str, str]) -> None
    for word in sorted(options):
        if word not in KEYWORDS:
            raise UsageError(u'%s is no keyword of a connection to PostgreSQL' % word)
        words = KEYWORDS[word]
        if words is not None and options[word] not in words:
            raise UsageError(u'%s is one of %s' % (word, u', '.join(words)))
        if u'\0' in options[word]:
            raise UsageError(u'%s has a NUL' % word)
    for word, most in (('connect_timeout', MAX_SECONDS), ('statements', MAX_STATEMENTS)):
        if word in options and decimal_text(options[word], most) is None:
            raise UsageError(u'%s is a number up to %d' % (word, most))
    for way in _ways(options):
        if way not in WAYS:
            raise UsageError(u'require_auth has words of %s' % u', '.join(WAYS))
    if options.get('sslnegotiation') == 'direct' and options.get('sslmode') in (
            'disable', 'allow', 'prefer'):
        raise UsageError(u'sslnegotiation=direct needs sslmode=require or more')


def _ways(options):
    # type: (Dict[str, str]) -> List[str]
    """The words of require_auth, without the marks of those that are not taken."""
    return [way.lstrip(u'!') for way in options.get('require_auth', u'').split(u',') if way]


def ways_to_log_in(options):
    # type: (Dict[str, str]) -> Tuple[str, ...]
    """The ways to log in that require_auth takes; none if all are taken.

    Raises:   UsageError: it has both words that are taken and words that are not.
    """
    words = options.get('require_auth', u'').split(u',')
    refused = [word for word in words if word.startswith(u'!')]
    if refused and len(refused) != len(words):
        raise UsageError(u'require_auth has either words with ! or words without')
    if refused:
        return tuple(way for way in WAYS if u'!' + way not in refused)
    return tuple(_ways(options))


# -- hosts -------------------------------------------------------------------


def _hosts(options):
    # type: (Dict[str, str]) -> List[Tuple[str, int]]
    hosts = [host or u'localhost' for host in options.pop('host', u'localhost').split(u',')]
    ports = options.pop('port', u'').split(u',')
    addresses = options.get('hostaddr', u'').split(u',')
    if options.get('hostaddr') and len(addresses) != len(hosts):
        if len(hosts) == 1 and hosts[0] == u'localhost':
            hosts = addresses
        else:
            raise UsageError(u'there are as many of hostaddr as of host')
    if len(ports) not in (1, len(hosts)):
        raise UsageError(u'there is one port, or as many as hosts')
    if len(ports) == 1:
        ports = ports * len(hosts)
    return [(host, _port(port)) for host, port in zip(hosts, ports)]


def _port(text):
    # type: (str) -> int
    if not text:
        return PORT
    port = decimal_text(text, 65535)
    if not port:
        raise UsageError(u'%s is no port' % text)
    return port


# -- files -------------------------------------------------------------------


def _service(name, path):
    # type: (str, str) -> Dict[str, str]
    """The keywords of a service in a file of sections.

    Raises:   UsageError: the file cannot be read, or has no such service.
    """
    found = None                # type: Optional[Dict[str, str]]
    text = read_small_text(os.path.expanduser(path))
    for number, line in enumerate(text.splitlines()):
        line = line.strip()
        if not line or line.startswith(u'#'):
            continue
        if line.startswith(u'['):
            if found is not None:
                break
            if line == u'[%s]' % name:
                found = {}
            continue
        if found is None:
            continue
        word, equals, value = line.partition(u'=')
        word = word.strip()
        if not equals or word in ('service', 'servicefile'):
            raise UsageError(u'line %d of the service file %s is no keyword=value'
                             % (number + 1, path))
        found[word] = value.strip()
    if found is None:
        raise UsageError(u'the service file %s has no service %s' % (path, name))
    return found


def password_of(options, host, port, user, database):
    # type: (Dict[str, str], str, int, str, str) -> Any
    """The password for a server: that of the string, or that of the password file; None if neither
    has one."""
    if 'password' in options:
        return options['password']
    path = os.path.expanduser(options.get('passfile', PASSWORD_FILE))
    if not os.path.lexists(path):
        return None
    try:
        source, status = opened(path, 'rb')
        with source:
            data = source.read(MAX_PASSWORDS + 1)
    except FAILURES as exc:
        log.warning('the password file %s cannot be read: %s', path, exc)
        return None
    # Files have no such modes where a path has backslashes.
    if os.sep == '/' and status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        log.warning('the password file %s is not used: others may read it; chmod it to 0600', path)
        return None
    wanted = [u'localhost' if host.startswith(u'/') else host, u'%d' % port, database, user]
    for line in data[:MAX_PASSWORDS].decode('utf-8', 'replace').splitlines():
        if line and not line.startswith(u'#'):
            fields = _fields(line)
            if len(fields) >= 5 and all(field in (u'*', want)
                                        for field, want in zip(fields, wanted)):
                return fields[4]
    return None


def _fields(line):
    # type: (str) -> List[str]
    """The five fields of a line, between colons; a backslash stands before one in a field."""
    fields = [u'']
    letters = iter(line)
    for letter in letters:
        if letter == u'\\':
            fields[-1] += next(letters, u'')
        elif letter == u':' and len(fields) < 5:
            fields.append(u'')
        else:
            fields[-1] += letter
    return fields
