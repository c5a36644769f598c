#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# What becomes of the name that a client sends with STOU, on a server made with pyftpdlib.
#
# One would guess:  the file gets that name if it is free, and a number behind it if it is not
#                   (wu-ftpd's way); RFC 959 has no argument of STOU at all, but tnftp,
#                   inetutils-ftp and Net::FTP send the local file's name.
# What is:          the name is never taken as it is: eight random characters come behind it each
#                   time, the ending of the file is lost to them ("report.pdf" becomes
#                   "report.pdf.k2x8wq_1"). Without an argument the file is called "ftpd." and eight
#                   such characters.
# Why it matters:   a script that stores uniquely and then looks for its own name finds nothing;
#                   only the reply has the name, and a client that looks for files by their ending
#                   passes these by.
# Seen with:        pyftpdlib 2.2.0 and ftplib of CPython 3.11.7.  2026-11-30.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --target lib pyftpdlib==2.2.0
cat > seen.py <<'PYTHON'
import ftplib
import io
import os
import re
import sys
import threading

sys.path.insert(0, 'lib')
import pyftpdlib  # noqa: E402
from pyftpdlib.authorizers import DummyAuthorizer  # noqa: E402
from pyftpdlib.handlers import FTPHandler  # noqa: E402
from pyftpdlib.log import config_logging  # noqa: E402
from pyftpdlib.servers import FTPServer  # noqa: E402

config_logging(level=40)
os.mkdir('root')
authorizer = DummyAuthorizer()
authorizer.add_user('u', 'p', 'root', perm='elradfmw')
FTPHandler.authorizer = authorizer
server = FTPServer(('127.0.0.1', 0), FTPHandler)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = ftplib.FTP()
client.connect('127.0.0.1', server.address[1], 10)
client.login('u', 'p')
for command in ('STOU report.pdf', 'STOU report.pdf', 'STOU'):
    client.storbinary(command, io.BytesIO(b'x'))
client.quit()
names = sorted(os.listdir('root'))
server.close_all()
print('pyftpdlib', pyftpdlib.__ver__, names)
wished = [name for name in names if re.match(r'report\.pdf\.\w{8}$', name)]
unnamed = [name for name in names if re.match(r'ftpd\.\w{8}$', name)]
sys.exit(0 if len(wished) == 2 and len(unnamed) == 1 and len(names) == 3 else 1)
PYTHON
python3 seen.py
echo 'seen: the name that was free is not taken'
