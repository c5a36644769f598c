# Copyright the carryall authors.  See LICENSE.
"""A window of Qt with an HTTPS server and a child program in it: python3 qtdemo.py [qt5|qt6]"""
import sys

from demo_parts import run_child, serve, told

from carryall import runtimes

loop = runtimes.choose((sys.argv[1:] or ['qt6'])[0])        # makes the QApplication
loop.on_display_lost = loop.stop         # by default it would serve on without a window
if loop.backend == 'qt5':
    from PyQt5 import QtWidgets
else:
    try:
        from PyQt6 import QtWidgets
    except ImportError:
        from PySide6 import QtWidgets

window = QtWidgets.QWidget()
window.setWindowTitle('qtdemo')
text = QtWidgets.QPlainTextEdit()
button = QtWidgets.QPushButton('Ask')
column = QtWidgets.QVBoxLayout(window)
column.addWidget(text)
column.addWidget(button)
show = told(text.appendPlainText)


def ask():
    """A modal dialog; the server answers while it is open."""
    QtWidgets.QMessageBox.information(window, 'qtdemo', 'The server goes on meanwhile.')
    show('the dialog is closed')


button.clicked.connect(lambda *_args: ask())
window.show()
serve(loop, show)
run_child(loop, show)
loop.run()                  # until the window is closed
loop.close()
print('both loops have ended')
