# Copyright the carryall authors.  See LICENSE.
"""The catalogue: every manifest, type of service, command and fixture, as static tables.

Written by ``admin/manifests`` from the manifests; ``admin/check catalogue`` compares.  A program
reads these tables and no manifest: a manifest imports the whole package that it describes.

Tests:    tests/house/test_manifests.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.servicetypes import Registry

__all__ = ['COMMANDS', 'FIXTURES', 'FORMER', 'KINDS', 'MANIFESTS', 'MISSING', 'SCHEMES', 'STORES',
           'TYPES', 'URLS', 'USAGES', 'known_types']


def known_types():
    # type: () -> Registry
    """A registry of the types below, and of those that plug-ins add."""
    return Registry(TYPES, former=FORMER, missing=MISSING)


# dotted names
MANIFESTS = (
    'carryall.apps.fetchmail.manifest',
    'carryall.apps.get.manifest',
    'carryall.apps.irctalk.manifest',
    'carryall.apps.sendmail.manifest',
    'carryall.commands.manifest',
    'carryall.protocols.cgi.manifest',
    'carryall.protocols.dict.manifest',
    'carryall.protocols.dns.manifest',
    'carryall.protocols.fastcgi.manifest',
    'carryall.protocols.finger.manifest',
    'carryall.protocols.ftp.manifest',
    'carryall.protocols.http.manifest',
    'carryall.protocols.ident.manifest',
    'carryall.protocols.irc.manifest',
    'carryall.protocols.ldap.manifest',
    'carryall.protocols.nntp.manifest',
    'carryall.protocols.pb.manifest',
    'carryall.protocols.pop3.manifest',
    'carryall.protocols.portforward.manifest',
    'carryall.protocols.postgresql.manifest',
    'carryall.protocols.scgi.manifest',
    'carryall.protocols.simple.manifest',
    'carryall.protocols.smtp.manifest',
    'carryall.protocols.socks.manifest',
    'carryall.protocols.telnet.manifest',
    'carryall.protocols.uwsgi.manifest',
    'carryall.protocols.websocket.manifest',
    'carryall.protocols.whois.manifest',
    'carryall.services.asgi.manifest',
    'carryall.services.database.manifest',
    'carryall.services.distrib.manifest',
    'carryall.services.mail.manifest',
    'carryall.services.metrics.manifest',
    'carryall.services.modpython.manifest',
    'carryall.services.resources.manifest',
    'carryall.services.testservers.manifest',
    'carryall.services.web.manifest',
    'carryall.services.words.manifest',
    'carryall.services.wsgi.manifest',
)

# name, module, summary
TYPES = (
    ('asgi', 'carryall.services.asgi.service', 'an application of ASGI 3, for Python 3'),
    ('dict', 'carryall.services.dict.service',
     'definitions of words, from databases of dictd (RFC 2229)'),
    ('distrib', 'carryall.services.distrib.front',
     'front end before personal web servers anywhere'),
    ('dns', 'carryall.services.dns.service',
     'an authoritative server of DNS, with transfers and updates'),
    ('fastcgi', 'carryall.services.fastcgi.service',
     'an application behind another server, by FastCGI'),
    ('finger', 'carryall.services.finger.service',
     'information about users (RFC 1288), and whois (RFC 3912)'),
    ('ftp', 'carryall.services.ftp.service', 'FTP server for a folder of files'),
    ('ident', 'carryall.services.ident.service',
     'owners of connections of this machine (RFC 1413)'),
    ('irc', 'carryall.services.irc.service', 'a chat server (RFC 2812, IRCv3)'),
    ('ldap', 'carryall.services.ldap.service', 'a directory of people and groups (RFC 4511)'),
    ('mail', 'carryall.services.mail.service', 'mail: SMTP, maildirs, POP3, and a durable queue'),
    ('metrics', 'carryall.services.metrics.service',
     'counters of all services of a tap, for Prometheus'),
    ('modpython', 'carryall.services.modpython.service',
     "a site of mod_python, with Apache's configuration"),
    ('news', 'carryall.services.news.service', 'a news server (RFC 3977, RFC 5537)'),
    ('pb', 'carryall.services.pb.service', 'objects of your own, by Perspective Broker'),
    ('portforward', 'carryall.services.portforward.service', 'relays one port to another place'),
    ('publisher', 'carryall.services.modpython.publisherservice',
     'functions of modules in a folder, as pages'),
    ('scgi', 'carryall.services.scgi.service', 'an application behind another server, by SCGI'),
    ('simple', 'carryall.services.simple', 'echo, discard, chargen, daytime, time, qotd, systat'),
    ('socks', 'carryall.services.socks', 'proxy: SOCKS 4, 4a, 5 and HTTP CONNECT on one port'),
    ('telnet', 'carryall.services.console.service', 'Python console over Telnet'),
    ('uwsgi', 'carryall.services.uwsgi.service', 'an application behind another server, by uwsgi'),
    ('web', 'carryall.services.web.service', 'web server for a folder of files'),
    ('words', 'carryall.services.words.service',
     'a chat server: IRC, Perspective Broker and the web'),
    ('wsgi', 'carryall.services.wsgi.service', 'an application of WSGI (PEP 3333)'),
)

# another name that people look for, the type that does its work
FORMER = (
    ('chargen', 'simple'),
    ('daytime', 'simple'),
    ('discard', 'simple'),
    ('echo', 'simple'),
    ('files', 'web'),
    ('forward', 'portforward'),
    ('ftpd', 'ftp'),
    ('ftps', 'ftp'),
    ('http', 'web'),
    ('http.server', 'web'),
    ('httpd', 'web'),
    ('https', 'web'),
    ('inetd', 'simple'),
    ('lmtp', 'mail'),
    ('manhole', 'telnet'),
    ('nntp', 'news'),
    ('pop3', 'mail'),
    ('proxy', 'socks'),
    ('qotd', 'simple'),
    ('relay', 'portforward'),
    ('smtp', 'mail'),
    ('smtpd', 'mail'),
    ('smtps', 'mail'),
    ('socks4', 'socks'),
    ('socks5', 'socks'),
    ('submission', 'mail'),
    ('time', 'simple'),
)

# names in Twisted 0.19 or 1.2 that no type has yet
MISSING = (
    'coil',
    'conch',
    'dns',
    'im',
    'news',
    'parent',
    'sister',
    'toc',
    'words',
)

# word, module, function, summary
COMMANDS = (
    ('cert', 'carryall.commands.cert', 'main', 'make and show certificates'),
    ('completion', 'carryall.commands.completion', 'main', 'print a completion script for a shell'),
    ('dict', 'carryall.commands.dictclient', 'main', 'look words up in dictionaries'),
    ('dig', 'carryall.commands.dnsdig', 'main', 'ask a name server'),
    ('fetchmail', 'carryall.commands.fetchmail', 'main', 'fetch new mail by POP3 into a maildir'),
    ('finger', 'carryall.commands.finger', 'main', 'ask about a person: finger USER@HOST'),
    ('ftp-get', 'carryall.commands.ftp', 'get_main', 'fetch a file by FTP'),
    ('ftp-ls', 'carryall.commands.ftp', 'ls_main', 'list a folder by FTP'),
    ('ftp-mirror', 'carryall.commands.ftp', 'mirror_main', 'copy what is new in a folder, by FTP'),
    ('ftp-otp', 'carryall.commands.ftp', 'otp_main', 'keep one-time passwords'),
    ('ftp-put', 'carryall.commands.ftp', 'put_main', 'send a file by FTP'),
    ('get', 'carryall.commands.get', 'main', 'fetch a URL'),
    ('ident', 'carryall.commands.identclient', 'main', 'ask which user owns a connection'),
    ('irc', 'carryall.commands.ircclient', 'main', 'talk on IRC: irc HOST [#CHANNEL]'),
    ('ldap', 'carryall.commands.ldapclient', 'main', 'search and change a directory'),
    ('mktap', 'carryall.commands.mktap', 'main', 'save a service and its options as a tap'),
    ('passwd', 'carryall.commands.passwd', 'main', 'set or check a password in a password file'),
    ('run', 'carryall.commands.run', 'main', 'run a Python program with this carryall'),
    ('runtimes', 'carryall.commands.listing', 'runtimes_main',
     'list the backends of this interpreter'),
    ('sendmail', 'carryall.commands.sendmail', 'main', 'send a message from stdin'),
    ('serve', 'carryall.commands.serve', 'main', 'run a service in the foreground'),
    ('store', 'carryall.commands.store', 'main', 'move and show the stores of services'),
    ('telnet', 'carryall.commands.telnet', 'main', 'connect a terminal: telnet HOST [PORT]'),
    ('test-server', 'carryall.commands.testserver', 'main',
     'servers for the tests of another program'),
    ('twistd', 'carryall.commands.twistd', 'main', 'run a tap, in the background'),
    ('types', 'carryall.commands.listing', 'types_main', 'list the types of service'),
    ('whois', 'carryall.commands.whois', 'main', 'ask for the holder of a name or a network'),
)

# word and verb, module, its schema, summary and trailer, further words
USAGES = (
    ('cert make', 'carryall.commands.cert', 'MAKE', 'MAKE_SUMMARY', '', ()),
    ('cert show', 'carryall.commands.cert', 'SHOW', 'SHOW_SUMMARY', '', ()),
    ('completion', 'carryall.commands.completion', 'SCHEMA', 'SUMMARY', '', ()),
    ('dict', 'carryall.commands.dictclient', 'SCHEMA', 'SUMMARY', 'TRAILER', ()),
    ('dig', 'carryall.commands.dnsdig', 'SCHEMA', 'SUMMARY', 'TRAILER', ()),
    ('fetchmail', 'carryall.commands.fetchmail', 'SCHEMA', 'SUMMARY', 'TRAILER', ()),
    ('finger', 'carryall.commands.finger', 'SCHEMA', 'SUMMARY', 'TRAILER', ()),
    ('ftp-get', 'carryall.commands.ftp', 'GET', 'GET_SUMMARY', 'TRAILER', ()),
    ('ftp-ls', 'carryall.commands.ftp', 'LS', 'LS_SUMMARY', 'TRAILER', ()),
    ('ftp-mirror', 'carryall.commands.ftp', 'MIRROR', 'MIRROR_SUMMARY', 'TRAILER', ()),
    ('ftp-otp', 'carryall.commands.ftp', 'OTP', 'OTP_SUMMARY', '', ()),
    ('ftp-put', 'carryall.commands.ftp', 'PUT', 'PUT_SUMMARY', 'TRAILER', ()),
    ('get', 'carryall.commands.get', 'SCHEMA', 'SUMMARY', 'TRAILER', ()),
    ('ident', 'carryall.commands.identclient', 'SCHEMA', 'SUMMARY', 'TRAILER', ()),
    ('irc', 'carryall.commands.ircclient', 'SCHEMA', 'SUMMARY', 'TRAILER', ()),
    ('ldap', 'carryall.commands.ldapclient', 'SCHEMA', 'SUMMARY', 'TRAILER', ()),
    ('mktap', 'carryall.commands.mktap', 'SCHEMA', 'SUMMARY', '', ('TYPE', '[option ...]')),
    ('passwd', 'carryall.commands.passwd', 'SCHEMA', 'SUMMARY', '', ()),
    ('run', 'carryall.commands.run', 'SCHEMA', 'SUMMARY', '', ()),
    ('runtimes', 'carryall.commands.listing', 'RUNTIMES', 'RUNTIMES_SUMMARY', '', ()),
    ('sendmail', 'carryall.commands.sendmail', 'SCHEMA', 'SUMMARY', 'TRAILER', ()),
    ('serve', 'carryall.commands.serve', 'SCHEMA', 'SUMMARY', '', ('TYPE', '[option ...]')),
    ('store move', 'carryall.commands.store', 'MOVE', 'MOVE_SUMMARY', '', ()),
    ('store show', 'carryall.commands.store', 'SHOW', 'SHOW_SUMMARY', '', ()),
    ('telnet', 'carryall.commands.telnet', 'SCHEMA', 'SUMMARY', 'TRAILER', ()),
    ('test-server', 'carryall.commands.testserver', 'SCHEMA', 'SUMMARY', '', ()),
    ('twistd', 'carryall.commands.twistd', 'SCHEMA', 'SUMMARY', '', ()),
    ('types', 'carryall.commands.listing', 'PLAIN', 'TYPES_SUMMARY', '', ()),
    ('whois', 'carryall.commands.whois', 'SCHEMA', 'SUMMARY', 'TRAILER', ()),
)

# scheme of a URL, module, function that fetches it
SCHEMES = (
    ('ftp', 'carryall.commands.ftp', 'get_url'),
    ('ftps', 'carryall.commands.ftp', 'get_url'),
)

# name of the tables of a service, module that has them
STORES = (
    ('accounts', 'carryall.services.database.dbaccounts'),
    ('irc', 'carryall.services.irc.ircstore'),
    ('ldap', 'carryall.services.ldap.directorystore'),
    ('mail', 'carryall.services.mail.mailstore'),
    ('news', 'carryall.services.news.articledatabase'),
    ('sessions', 'carryall.services.web.sessionstore'),
    ('words', 'carryall.services.words.chatstore'),
)

# name of a listener, scheme of its URL in clear and with TLS, path
URLS = (
    ('asgi', 'http', 'https', '/'),
    ('dict', 'dict', '', '/'),
    ('distrib', 'http', 'https', '/'),
    ('ftp', 'ftp', 'ftps', '/'),
    ('http', 'http', 'https', '/'),
    ('https', 'https', 'https', '/'),
    ('irc', 'irc', '', '/'),
    ('ldap', 'ldap', '', '/'),
    ('metrics', 'http', 'https', '/metrics'),
    ('modpython', 'http', 'https', '/'),
    ('news', 'nntp', 'nntps', '/'),
    ('pb-websocket', 'ws', 'wss', '/pb'),
    ('publisher', 'http', 'https', '/'),
    ('web', 'http', 'https', '/'),
    ('words-irc', 'irc', '', '/'),
    ('words-web', 'http', 'https', '/'),
    ('wsgi', 'http', 'https', '/'),
)

# name, class of the object, type of service, help
FIXTURES = (
    ('tcp_server', 'carryall.testservers.anyserver:TCPServer', '',
     'TCP: an echo, or answers that the test tells it.'),
    ('dict_server', 'carryall.testservers.anyserver:LazyServer', 'dict',
     'dict on a free port; call it with the words --database NAME=PATH.'),
    ('dns_server', 'carryall.testservers.anyserver:LazyServer', 'dns',
     'DNS on a free port; call it with the words --zone NAME=PATH.'),
    ('finger_server', 'carryall.testservers.fingerserver:FingerServer', '',
     'finger for people that finger_server.add(...) makes up.'),
    ('ftp_server', 'carryall.testservers.fileserver:FTPServer', '',
     'FTP for a tree in memory or a folder, with one account.'),
    ('http_server', 'carryall.testservers.webserver:HTTPServer', '',
     'HTTP with responses that the test tells it, and the requests that came.'),
    ('https_server', 'carryall.testservers.webserver:HTTPSServer', '',
     'As http_server, over TLS; https_server.ca is the file to trust.'),
    ('ident_server', 'carryall.testservers.anyserver:LazyServer', 'ident',
     'ident on a free port; call it with --user NAME or --hidden.'),
    ('irc_server', 'carryall.testservers.anyserver:LazyServer', 'irc',
     'IRC on a free port; call it with --user NAME=PASSWORD --clear-logins.'),
    ('ldap_server', 'carryall.testservers.anyserver:LazyServer', 'ldap',
     'LDAP on a free port; call it with words such as --ldif FILE.'),
    ('news_server', 'carryall.testservers.anyserver:LazyServer', 'news',
     'News on a free port; call it with --store memory: --group NAME.'),
    ('pb_server', 'carryall.testservers.pbserver:PBServer', '',
     'Perspective Broker: an echo, or the object that root= names.'),
    ('portforward_server', 'carryall.testservers.portforwardserver:PortForwardServer', '',
     'A relay; portforward_server.forward(HOST:PORT) starts it.'),
    ('postgresql_server', 'carryall.testservers.postgresqlserver:PostgreSQLServer', '',
     'A real PostgreSQL with a cluster of its own, by psql and by URL.'),
    ('simple_server', 'carryall.testservers.simpleserver:SimpleServer', '',
     'echo, discard, daytime, time, chargen and qotd, each on a port.'),
    ('socks_server', 'carryall.testservers.socksserver:SOCKSServer', '',
     'A proxy: SOCKS 4, 4a, 5 and HTTP CONNECT on one port.'),
    ('telnet_server', 'carryall.testservers.telnetserver:TelnetServer', '',
     'A Python console over Telnet, with one account.'),
    ('websocket_server', 'carryall.testservers.websocketserver:WebSocketServer', '',
     'WebSocket on every path: an echo, or answers that the test tells it.'),
    ('asgi_server', 'carryall.testservers.anyserver:LazyServer', 'asgi',
     'asgi on a free port; call it with the word MODULE:APP.'),
    ('database', 'carryall.testservers.databaseserver:DatabaseServer', '',
     'An empty database, by each provider of this runtime in turn.'),
    ('mail_server', 'carryall.testservers.mailserver:MailServer', '',
     'SMTP and POP3, with one account, and the messages that came.'),
    ('smtp_server', 'carryall.testservers.mailserver:SMTPServer', '', 'As mail_server.'),
    ('pop3_server', 'carryall.testservers.mailserver:POP3Server', '',
     'As mail_server; its host and port are those of POP3.'),
    ('words_server', 'carryall.testservers.anyserver:LazyServer', 'words',
     'Words on free ports; call it with --store memory: --user NAME=PASSWORD.'),
    ('wsgi_server', 'carryall.testservers.anyserver:LazyServer', 'wsgi',
     'wsgi on a free port; call it with the word MODULE:APP.'),
)

# kind of server for tests, module that makes it
KINDS = (
    ('ftp', 'carryall.services.testservers.ftptree'),
    ('http', 'carryall.services.testservers.expectations'),
    ('mail', 'carryall.services.testservers.mailcatcher'),
    ('tcp', 'carryall.services.testservers.script'),
    ('type', 'carryall.services.testservers.typeserver'),
    ('websocket', 'carryall.services.testservers.messagelog'),
)
