# Copyright the carryall authors.  See LICENSE.
"""pyftpdlib with sendfile, one process."""
import argparse

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer

parser = argparse.ArgumentParser()
parser.add_argument('kind')
parser.add_argument('--root')
chosen = parser.parse_args()
users = DummyAuthorizer()
users.add_user('bench', 'bench', chosen.root, perm='elradfmwMT')
FTPHandler.authorizer = users
FTPHandler.use_sendfile = True
server = FTPServer(('127.0.0.1', 0), FTPHandler)
server.max_cons = 0
server.max_cons_per_ip = 0
print(server.address[1], flush=True)
server.serve_forever()
