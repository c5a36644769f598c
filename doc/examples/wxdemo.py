# Copyright the carryall authors.  See LICENSE.
"""A window of wx with an HTTPS server and a child program in it: python3 wxdemo.py"""
from demo_parts import run_child, serve, told

from carryall import runtimes

loop = runtimes.choose('wx')        # makes the wx.App
loop.on_display_lost = loop.stop     # by default it would serve on without a window

import wx                           # noqa: E402

frame = wx.Frame(None, title='wxdemo', size=(420, 300))
text = wx.TextCtrl(frame, style=wx.TE_MULTILINE | wx.TE_READONLY)
menus = wx.MenuBar()
menu = wx.Menu()
item = menu.Append(wx.ID_ABOUT, 'About')
menu.Append(wx.ID_EXIT, 'Exit')
menus.Append(menu, 'File')
frame.SetMenuBar(menus)
show = told(lambda line: text.AppendText(line + '\n'))


def ask(event):
    """A modal dialog; the server answers while it is open."""
    wx.MessageBox('The server goes on meanwhile.', 'wxdemo')
    show('the dialog is closed')


def leave(event):
    """The window is closed: both loops end."""
    frame.Destroy()
    loop.stop()


frame.Bind(wx.EVT_MENU, ask, item)
frame.Bind(wx.EVT_MENU, lambda event: frame.Close(), id=wx.ID_EXIT)
frame.Bind(wx.EVT_CLOSE, leave)
frame.Show()
serve(loop, show)
run_child(loop, show)
loop.run()
loop.close()
print('both loops have ended')
