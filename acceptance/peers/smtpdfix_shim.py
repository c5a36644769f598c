# Copyright the carryall authors.  See LICENSE.
"""smtpdfix's AuthController over our SMTPServer; a plug-in of pytest for smtpdfix's own tests."""
import smtpdfix
from smtpdfix import Config, controller, fixture

from carryall.testservers import SMTPServer


class AuthController:
    """The names of smtpdfix; each look at the port brings the server up to its configuration."""

    def __init__(self, loop=None, hostname=None, port=None, ready_timeout=None, ssl_context=None,
                 config=None, authenticator=None, **kwargs):
        self.config = config or Config()
        self.hostname = hostname or self.config.host
        self.config.host = self.hostname
        if port is not None:
            self.config.port = port
        self._server = None
        self._running = None

    def _options(self):
        config = self.config
        files = {'certificate': config.ssl_cert_files[0], 'key': config.ssl_cert_files[1]}
        return dict(
            {name: path for name, path in files.items() if path}, host='127.0.0.1',
            port=config.port, accounts={config.login_username: config.login_password},
            starttls=config.use_starttls, require_tls=config.use_starttls,
            tls=config.use_ssl and not config.use_starttls, login=config.enforce_auth,
            secure_login=config.auth_require_tls)

    def start(self):
        self._running = self._options()
        self._server = SMTPServer(**self._running).start()

    def stop(self):
        assert self._server is not None, 'not running'
        self._server.close()

    @property
    def port(self):
        if self._running is not None and self._running != self._options():
            self._running = self._options()
            self._server.restart(**self._running)
        return self.config.port

    @property
    def messages(self):
        return [message.parsed for message in self._server.messages]


for module in (smtpdfix, controller, fixture):
    module.AuthController = AuthController
