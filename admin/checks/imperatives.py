# Copyright the carryall authors.  See LICENSE.
"""The docstring of a function tells in the third person what it does: "Sends a line", not "Send".

The names of tests tell what happens, so their docstrings are left out.  A reader may be told what
to do with a fixture, "Call it with ...".  Nouns are no verbs: "Count of", "Name ->".
"""
import ast
import re

from admin.checks.tree import WITH_EXAMPLES, Finding

VERBS = frozenset('''
    Abort Accept Add Advance Allow Answer Append Apply Ask Assert Attach Begin Bind Break Bring
    Build Call Cancel Check Choose Clean Clear Close Collect Commit Compare Compile Complete
    Configure Connect Consume Continue Convert Count Create Cut Decide Decode Delete Deliver Demand
    Describe Detach Discard Do Drop Encode End Expand Export Extract Fail Feed Fetch Fill Find
    Finish Flush Forget Gather Generate Get Give Go Hand Have Hold Ignore Import Insert Install
    Judge Keep Kill Launch Leave Let Listen Load Log Look Make Measure Merge Move Note Offer Open
    Overwrite Parse Pause Play Prepare Print Probe Pull Push Put Raise Reach Read Receive Refuse
    Register Reject Relay Release Reload Remove Render Replace Reset Resolve Respond Restart Restore
    Resume Return Run Save Say Search Seek Select Send Serve Set Show Sign Skip Sort Split Spoil
    Start Step Stop Strip Submit Support Swallow Switch Take Talk Tell Test Throw Translate Try Turn
    Undo Unpack Update Use Validate Verify Wait Wake Walk Warn Watch Wrap Write
    '''.split())
FIRST = re.compile(r'([A-Z][a-z]+)\b(?! of\b| ->)')
FOR_A_READER = re.compile(r'Call it (?:to|with)\b')


def check(tree):
    """Looks at the docstrings of all functions but tests."""
    for path, node in tree.walk(*WITH_EXAMPLES):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) \
                or node.name.startswith('test_'):
            continue
        text = ast.get_docstring(node) or ''
        found = FIRST.match(text)
        if found and found.group(1) in VERBS and not FOR_A_READER.match(text):
            yield Finding(path, node.body[0].lineno,
                          '"%s": say what it does, in the third person' % found.group(1))
