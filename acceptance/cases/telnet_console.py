# Copyright the carryall authors.  See LICENSE.
"""mktap telnet and its console: expect with telnet, busybox telnet, telnetlib, nc; Ctrl-C; Java
objects on Jython; TLS."""
import re
import warnings

PROVES = ['TEL-01', 'TEL-02', 'TEL-03', 'TEL-04', 'TEL-06', 'TEL-08']
NEEDS = ['expect', 'telnet', 'busybox', 'nc', 'openssl']
PORTS = [8023]
LONG = True
AS_OF_OLD = 'runTelnetTest'

LOGIN = [(b'username: ', b'username\n'), (b'password: ', b'password\n')]
EXPECT = r'''
set timeout 50
proc want {pattern code} {
    expect {
        -re $pattern {}
        timeout { exit $code }
        eof { exit [expr $code + 100] }
    }
}
spawn %(telnet)s 127.0.0.1 %(port)d
want "username: $" 11
send "username\r"
want "password: $" 12
send "password\r"
want ">>> $" 13
send "6 * 7\r"
want "42\[\r\n\]+>>> $" 15
send "def twice(x):\r"
want "\\.\\.\\. $" 16
send "    return x * 2\r"
want "\\.\\.\\. $" 17
send "\r"
want ">>> $" 18
send "twice(21)\r"
want "42\[\r\n\]+>>> $" 19
%(more)s
send "exit()\r"
expect {
    timeout { exit 20 }
    eof {}
}
'''
# Key by key: history, completion, Ctrl-C in running code.
KEYS = r'''
send "\033\[A\r"
want "42\[\r\n\]+>>> $" 31
send "isinst\t(1, int)\r"
want "True\[\r\n\]+>>> $" 32
send "while True: pass\r\r"
sleep 1
send "\003"
want "KeyboardInterrupt\[\r\n\]+>>> $" 33
'''
JAVA = r'''
send "from java.util import TreeMap; tree = TreeMap({'b': 2, 'a': 1}); tree.firstKey()\r"
want "a'\[\r\n\]+>>> $" 41
send "from java.lang import System; System.getProperty('java.version')\r"
want "\[0-9\]+\\.\[0-9.\]+'\[\r\n\]+>>> $" 42
'''


def run(stage):
    """The README's line as it stands there; then each client."""
    stage.call('mktap', 'telnet', '-p', '8023', '-u', 'username', '-w', 'password')
    server = stage.start('twistd', '-n', '-f', 'telnet.tap', '--pidfile=')
    host, port = server.address()
    stage.demand((host, port) == ('127.0.0.1', 8023), 'it listens on %s:%d', host, port)
    java = JAVA if stage.runtime.kind == 'jython' else ''
    for name, program, more in (('telnet', 'telnet', KEYS + java),
                                ('busybox', 'busybox telnet', '')):
        stage.write(name + '.exp',
                    (EXPECT % {'telnet': program, 'port': port, 'more': more}).encode())
        said = stage.foreign('expect', '-f', stage.path(name + '.exp'))
        stage.demand(b'password' not in said.replace(b'password: ', b''),
                     '%s: the password is shown: %r', name, said)
    script(stage, port)
    telnetlib(stage, port)
    wrong(stage, port)
    server.stop()
    tls(stage)


def script(stage, port):
    """A client that knows no options; what it says before the prompt is not run."""
    turns = LOGIN + [(b'>>> ', b'print("from " + "nc")\nexit()\n')]
    got = stage.dialogue(turns, 'nc', '-N', '127.0.0.1', port)
    stage.demand(b'from nc' in got, 'nc got %r', got)
    ahead = [(b'', b'username\npassword\nprint("from " + "nc")\n'), (b'>>> ', b'6 * 7\nexit()\n')]
    got = stage.dialogue(ahead, 'nc', '-N', '127.0.0.1', port)
    stage.demand(b'from nc' not in got, 'what came before the verdict was run: %r', got)
    stage.demand(b'42' in got, 'nc got %r', got)


def telnetlib(stage, port):
    """Python's own, where it still has one."""
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        try:
            from telnetlib import Telnet
        except ImportError:             # gone in 3.13
            return
    with Telnet('127.0.0.1', port, 30) as client:
        client.read_until(b'username: ', 30)
        client.write(b'username\n')
        client.read_until(b'password: ', 30)
        client.write(b'password\n')
        client.read_until(b'>>> ', 30)
        client.write(b'6 * 7\n')
        said = client.read_until(b'>>> ', 30)
        stage.demand(b'42' in said, 'telnetlib heard %r', said)


def wrong(stage, port):
    """Three wrong passwords close; what is typed behind one is dropped, and nothing is run."""
    with stage.connect(('127.0.0.1', port), 60.0) as sock:
        heard = b''
        for attempt in (b'username\r\nwrong\r\n__import__("os").abort()\r\n', b'x\r\ny\r\n',
                        b'z\r\n6*7\r\n'):
            end = heard.count(b'username: ') + 1
            while heard.count(b'username: ') < end:
                piece = sock.recv(4096)
                stage.demand(piece, 'it closed after %r', heard)
                heard += piece
            sock.sendall(attempt)
        while True:
            piece = sock.recv(4096)
            if not piece:
                break
            heard += piece
    stage.demand(heard.count(b'Login incorrect') == 3 and b'42' not in heard, 'it said %r', heard)


def tls(stage):
    """The same over TLS, with a user who may only look."""
    stage.call('carryall', 'cert', 'make', '-o', 'site.pem', 'localhost', '127.0.0.1')
    server = stage.start('carryall', 'telnet', '-p', 'tls:0:certificate=site.pem:key=site.key',
                         '-u', 'username', '-w', 'password')
    port = server.address()[1]
    turns = LOGIN + [(b'>>> ', b'6 * 7\nexit()\n')]
    got = stage.dialogue(turns, 'openssl', 's_client', '-quiet', '-verify_return_error', '-CAfile',
                         stage.path('site.pem'), '-connect', 'localhost:%d' % port, status=None)
    stage.demand(re.search(rb'>>> 42', got), 'openssl s_client heard %r', got)
    said = stage.dialogue(turns, *stage.command('carryall', 'telnet', '--tls', '--trust',
                                                stage.path('site.pem'), 'localhost', port))
    stage.demand(b'\n42\n' in said, 'our own client heard %r', said)
    server.stop()


def show(stage):
    """A console, for a person with a telnet client."""
    server = stage.start('carryall', 'telnet', '-p', 'tcp:0:interface=127.0.0.1', '-u', 'username',
                         '-w', 'password')
    return ('"telnet 127.0.0.1 %d" should ask for a user name and a password: they are "username" '
            'and "password".\nThen you should be able to run Python: "6 * 7" gives 42, and '
            '"exit()" leaves.' % server.address()[1])
