# Copyright the carryall authors.  See LICENSE.
"""A window of Tk with an HTTPS server and a child program in it: python3 tkdemo.py"""
import tkinter
from tkinter import messagebox

from demo_parts import run_child, serve, told

from carryall.runtimes.crypto import provider
from carryall.runtimes.guests.guestloop import GuestLoop
from carryall.runtimes.guests.tk import TkToolkit

root = tkinter.Tk()
root.title('tkdemo')
text = tkinter.Text(root, width=50, height=12)
text.pack()
loop = GuestLoop(TkToolkit(root))
loop.crypto = provider()
loop.on_display_lost = loop.stop         # by default it would serve on without a window
show = told(lambda line: text.insert('end', line + '\n'))


def ask():
    """A modal dialog; the server answers while it is open."""
    messagebox.showinfo('tkdemo', 'The server goes on meanwhile.')
    show('the dialog is closed')


tkinter.Button(root, text='Ask', command=ask).pack()
serve(loop, show)
run_child(loop, show)
loop.attach()
root.mainloop()             # Tk's own loop, until the window is closed
loop.close()
print('both loops have ended')
