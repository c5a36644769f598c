# Copyright the carryall authors.  See LICENSE.
"""Modules of ours that are imported inside functions.

Written by ``admin/manifests`` from the code and the manifests; ``admin/check catalogue`` compares.

Tests:    tests/runtimes/host/test_lateimports.py
"""
from __future__ import absolute_import, division, print_function

__all__ = ['LATE']

# module, what it imports inside a function
LATE = (
    ('carryall.app.accountoptions', 'carryall.core.auth.checkers'),
    ('carryall.app.application', 'carryall.app.service'),
    ('carryall.app.endpoints', 'carryall.core.tls'),
    ('carryall.app.endpoints', 'carryall.core.wrap.proxyprotocol'),
    ('carryall.app.optiontypes', 'carryall.core.auth.passwordfile'),
    ('carryall.app.proxies', 'carryall.protocols.socks.client'),
    ('carryall.commands.console', 'carryall.app.usage'),
    ('carryall.commands.console', 'carryall.commands.catalogue'),
    ('carryall.commands.console', 'carryall.core.codec.numbers'),
    ('carryall.commands.console', 'carryall.runtimes.host.stdout'),
    ('carryall.commands.console', 'carryall.runtimes.host.systemfiles'),
    ('carryall.commands.console', 'carryall.runtimes.host.terminal'),
    ('carryall.commands.logoutput', 'carryall.runtimes.host.systemlog'),
    ('carryall.commands.serverprocess', 'carryall.runtimes.host.lateimports'),
    ('carryall.commands.serverprocess', 'carryall.runtimes.host.pidfile'),
    ('carryall.commands.serverprocess', 'carryall.runtimes.host.privileges'),
    ('carryall.core.net.loop', 'carryall.core.tls'),
    ('carryall.protocols.http.server.request', 'carryall.core.tls.certificates'),
    ('carryall.protocols.pb.client', 'carryall.protocols.websocket'),
    ('carryall.runtimes.crypto', 'carryall.runtimes.crypto.jce'),
    ('carryall.runtimes.crypto', 'carryall.runtimes.crypto.library'),
    ('carryall.runtimes.database', 'carryall.runtimes.database.jdbcdriver'),
    ('carryall.runtimes.database', 'carryall.runtimes.database.sqlitefile'),
    ('carryall.runtimes.host.keyboard', 'carryall.runtimes.jvm.octets'),
    ('carryall.runtimes.host.stdout', 'carryall.runtimes.jvm.octets'),
    ('carryall.runtimes.host.systemd', 'carryall.runtimes.host.daemon'),
    ('carryall.runtimes.host.systemd', 'carryall.runtimes.jvm.notice'),
    ('carryall.runtimes.host.terminal', 'carryall.runtimes.jvm.octets'),
    ('carryall.runtimes.jvm.nio', 'carryall.runtimes.jvm.udp'),
    ('carryall.runtimes.machine', 'carryall.runtimes.database'),
    ('carryall.runtimes.machine', 'carryall.runtimes.host.connectiontable'),
    ('carryall.runtimes.machine', 'carryall.runtimes.host.processfigures'),
    ('carryall.runtimes.machine', 'carryall.runtimes.host.signals'),
    ('carryall.runtimes.machine', 'carryall.runtimes.host.subprocesses'),
    ('carryall.runtimes.readiness.readinessloop', 'carryall.runtimes.readiness.childpipes'),
    ('carryall.runtimes.tls', 'carryall.runtimes.tls.jsse'),
    ('carryall.runtimes.tls', 'carryall.runtimes.tls.openssl'),
    ('carryall.runtimes.tls.keys', 'carryall.runtimes.jvm.octets'),
    ('carryall.services.asgi', 'carryall.services.asgi.asgiapplication_py3'),
    ('carryall.services.console.service', 'carryall.core.auth.passwordfile'),
    ('carryall.services.console.webconsole', 'carryall.services.console.service'),
    ('carryall.services.distrib.weboptions', 'carryall.services.distrib.publisher'),
    ('carryall.services.distrib.weboptions', 'carryall.services.distrib.users'),
    ('carryall.services.mail.service', 'carryall.app.endpoints'),
    ('carryall.services.mail.transports', 'carryall.services.mail.options'),
    ('carryall.services.metrics.service', 'carryall.services.metrics.metricsroot'),
    ('carryall.services.pb.service', 'carryall.protocols.http'),
    ('carryall.services.pb.service', 'carryall.protocols.websocket'),
    ('carryall.services.resources.rootoptions', 'carryall.services.resources'),
    ('carryall.services.resources.rootoptions', 'carryall.services.scripts.rpyprograms'),
    ('carryall.services.resources.rootoptions', 'carryall.services.wsgi'),
    ('carryall.services.socks.service', 'carryall.core.auth.passwordfile'),
    ('carryall.services.testservers.mailcatcher', 'carryall.protocols.http'),
    ('carryall.services.testservers.mailcatcher', 'carryall.services.testservers.mailpages'),
    ('carryall.services.web.access', 'carryall.core.auth.passwordfile'),
    ('carryall.services.web.access', 'carryall.services.web.digestfile'),
    ('carryall.services.web.access', 'carryall.services.web.formlogin'),
    ('carryall.services.web.access', 'carryall.services.web.loginguard'),
    ('carryall.services.web.access', 'carryall.services.web.sessions'),
    ('carryall.services.web.access', 'carryall.services.web.tokenfile'),
)
