# Copyright the carryall authors.  See LICENSE.
"""vsftpd: writes its configuration, prints the port, becomes it.

Anonymous, for a private one has no users; needs root.
"""
import argparse
import os
import shutil
import socket
import sys
import tempfile

parser = argparse.ArgumentParser()
parser.add_argument('kind')
parser.add_argument('--root')
chosen = parser.parse_args()
if not shutil.which('vsftpd') or os.getuid():
    sys.exit('vsftpd is not installed, or this is not root')
with socket.socket() as probe:
    probe.bind(('127.0.0.1', 0))
    port = probe.getsockname()[1]
empty = tempfile.mkdtemp(prefix='bench-vsftpd-')
os.chmod(chosen.root, 0o755)
config = os.path.join(empty, 'conf')
with open(config, 'w') as target:
    target.write('''listen=YES
listen_address=127.0.0.1
listen_port={port}
background=NO
anonymous_enable=YES
local_enable=NO
no_anon_password=YES
anon_root={root}
anon_umask=022
write_enable=YES
anon_upload_enable=YES
anon_other_write_enable=YES
seccomp_sandbox=NO
use_sendfile=YES
max_per_ip=0
max_clients=0
secure_chroot_dir={empty}
'''.format(port=port, root=chosen.root, empty=empty))
print(port, flush=True)
os.execvp('vsftpd', ['vsftpd', config])
