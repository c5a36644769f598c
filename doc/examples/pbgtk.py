# Copyright the carryall authors.  See LICENSE.
"""A window of GTK that talks to pb/pbsimple_server.py: python3 pbgtk.py [gtk3|gtk4] [port]

It has an HTTPS server and a child program in it, too.
"""
import sys

from demo_parts import run_child, serve, told

from carryall import runtimes
from carryall.protocols import pb

loop = runtimes.choose((sys.argv[1:] or ['gtk3'])[0])
loop.on_display_lost = loop.stop         # by default it would serve on without a window
port = int((sys.argv[2:] or [pb.PORT])[0])

from gi.repository import Gtk           # noqa: E402

window = Gtk.Window(title='pbgtk')
column = Gtk.Box(orientation=Gtk.Orientation.VERTICAL)
entry = Gtk.Entry()
label = Gtk.Label()
lines = []


def put(line):
    """The last lines are shown."""
    lines.append(line)
    label.set_text('\n'.join(lines[-12:]))


show = told(put)


def leave(*_args):
    """The window is closed: both loops end."""
    loop.stop()
    return False


def say(_entry):
    """The typed text goes to the server, and its answer is shown."""
    def failed(exc):
        show('it failed: %s' % exc)

    def connected(broker):
        return broker.remote().call_remote('echo', entry.get_text())

    pb.connect(loop, '127.0.0.1', port).then(connected).then(
        lambda answer: show('the server said: %s' % answer), failed)


entry.connect('activate', say)
if loop.backend == 'gtk3':
    window.connect('delete-event', leave)
    column.add(entry)
    column.add(label)
    window.add(column)
    window.show_all()
else:
    window.connect('close-request', leave)
    column.append(entry)
    column.append(label)
    window.set_child(column)
    window.present()
serve(loop, show)
run_child(loop, show)
loop.run()
loop.close()
print('both loops have ended')
