# Copyright the carryall authors.  See LICENSE.
"""A window of Swing with an HTTPS server and a child program in it: jython swingdemo.py"""
from __future__ import print_function

import sys

from demo_parts import run_child, serve, told

from carryall.runtimes.crypto import provider
from carryall.runtimes.guests.guestloop import GuestLoop
from carryall.runtimes.guests.swing import SwingToolkit
from java.lang import System
from javax.swing import BoxLayout, JButton, JFrame, JOptionPane, JScrollPane, JTextArea, \
    SwingUtilities


def begin():
    """The dispatch thread makes the window, and drives our loop."""
    loop = GuestLoop(SwingToolkit())
    loop.crypto = provider()
    frame = JFrame('swingdemo')
    text = JTextArea(12, 50)
    show = told(lambda line: text.append(line + '\n'))

    def ask(event):
        JOptionPane.showMessageDialog(frame, 'The server goes on meanwhile.')
        show('the dialog is closed')

    def leave(event):
        loop.detach()
        loop.close()
        frame.dispose()
        print('both loops have ended')
        sys.stdout.flush()
        System.exit(0)

    button = JButton('Ask', actionPerformed=ask)
    frame.getContentPane().setLayout(BoxLayout(frame.getContentPane(), BoxLayout.Y_AXIS))
    frame.getContentPane().add(JScrollPane(text))
    frame.getContentPane().add(button)
    frame.setDefaultCloseOperation(JFrame.DO_NOTHING_ON_CLOSE)
    frame.windowClosing = leave
    frame.pack()
    frame.setVisible(True)
    loop.attach()
    serve(loop, show)
    run_child(loop, show)


SwingUtilities.invokeLater(begin)
