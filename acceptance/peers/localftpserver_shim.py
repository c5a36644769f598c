# Copyright the carryall authors.  See LICENSE.
"""The server behind pytest-localftpserver's fixtures replaced by our FTPServer; a plug-in of pytest
for its own tests.  Its methods for files work on the folders that ours serves."""
from pytest_localftpserver import servers

from carryall.testservers import FTPServer


class SimpleFTPServer(servers.SimpleFTPServer):
    """The folders and names of the original; FTP is ours."""

    def __init__(self, *args, **named):
        super().__init__(*args, **named)
        self._socket.close()
        options = {}
        if self._uses_TLS:
            servers.validate_cert_file(self._cert_path)
            options = {'starttls': True, 'certificate': self._cert_path}
        self._ours = FTPServer(host='127.0.0.1', port=self._ftp_port, user=self.username,
                               password=self.password, root=self._ftp_home,
                               anonymous_root=self._anon_root, **options).start()

    def run(self):
        self.shutdown_event.wait()

    def stop(self):
        self._ours.close()
        super().stop()


servers.SimpleFTPServer = SimpleFTPServer
