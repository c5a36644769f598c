# Copyright the carryall authors.  See LICENSE.
"""The colours and sizes of the windows of Tk and Swing.

Text has a contrast of at least 4.5 to 1 against its background (WCAG 2.2, 1.4.3).  No colour alone
tells a result: a word stands beside it.
"""
from __future__ import absolute_import, division, print_function

import os

LIGHT = {
    'name': 'light', 'page': '#f5f6f8', 'card': '#ffffff', 'line': '#e2e5ea', 'text': '#1b2330',
    'quiet': '#5a6575', 'accent': '#2456c9', 'on_accent': '#ffffff', 'hover': '#e9edf5',
    'track': '#e2e5ea', 'selected': '#dfe8fb', 'focus': '#2456c9',
    'passed': '#177245', 'failed': '#b3261e', 'skipped': '#7a5b00', 'remaining': '#1b2330',
    'passed_bar': '#2ea36a', 'failed_bar': '#d8433a', 'skipped_bar': '#d9b13b',
    'passed_tint': '#e7f5ed', 'failed_tint': '#fce8e6', 'skipped_tint': '#fbf3d9',
    'none_tint': '#ffffff', 'none': '#5a6575'}
DARK = {
    'name': 'dark', 'page': '#14171d', 'card': '#1d222b', 'line': '#303744', 'text': '#e7ebf2',
    'quiet': '#9aa6b8', 'accent': '#7aa5ff', 'on_accent': '#0d1524', 'hover': '#283042',
    'track': '#303744', 'selected': '#2a3b5f', 'focus': '#7aa5ff',
    'passed': '#6fd6a0', 'failed': '#ff9a92', 'skipped': '#e8c766', 'remaining': '#e7ebf2',
    'passed_bar': '#3cba7c', 'failed_bar': '#f0625a', 'skipped_bar': '#cda73a',
    'passed_tint': '#1b3328', 'failed_tint': '#44201f', 'skipped_tint': '#39311a',
    'none_tint': '#1d222b', 'none': '#9aa6b8'}
PALETTES = {'light': LIGHT, 'dark': DARK}

SIZE = (1180, 820)          # of a new window, in pixels
SMALLEST = (760, 560)
SANS = ('Inter', 'Segoe UI', 'SF Pro Text', 'Cantarell', 'Noto Sans', 'Ubuntu', 'DejaVu Sans',
        'Helvetica', 'Liberation Sans')
MONO = ('JetBrains Mono', 'Cascadia Mono', 'SF Mono', 'Noto Sans Mono', 'Ubuntu Mono',
        'DejaVu Sans Mono', 'Liberation Mono', 'Courier')


def first_palette():
    """The palette that CARRYALL_WINDOW_COLOURS names, else the light one."""
    return PALETTES.get(os.environ.get('CARRYALL_WINDOW_COLOURS'), LIGHT)


def other(palette):
    """The palette that is not *palette*."""
    return LIGHT if palette is DARK else DARK


def chosen(families, there):
    """The first of *families* that is among *there*, which are the fonts of the machine."""
    known = dict((name.lower(), name) for name in there)
    for family in families:
        if family.lower() in known:
            return known[family.lower()]
    return families[-1]
