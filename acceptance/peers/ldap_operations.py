# Copyright the carryall authors.  See LICENSE.
"""Random operations at two servers of LDAP, which must answer alike.

    ldap_operations.py OURS-PORT OTHER-PORT COUNT SEED

Prints a line for each answer that differs, and ``done: COUNT operations, N explained, M differ``.
"""
from __future__ import absolute_import, division, print_function

import random
import sys

from carryall import runtimes
from carryall.core.future import Return, coroutine
from carryall.protocols.ldap import (ADD, DELETE, INCREMENT, REPLACE, AddRequest, Change,
                                     DeleteRequest, LDAPError, ModifyDNRequest, ModifyRequest,
                                     connect, escaped, format_value, parse_filter,
                                     standard_schema)
from carryall.protocols.ldap.wire import CompareRequest, SearchRequest

TOP = u'dc=example,dc=org'
SECRET = b'a long secret'
NAMES = [u'anna', u'Bert', u'carla  x', u'D\xf6rte', u'e,f', u'g+h', u' i', u'j"k', u'l#']
PARENTS = [TOP, TOP, u'ou=people,' + TOP, u'OU=Groups , DC=example,dc=org', u'ou=x y,' + TOP,
           u'ou=none,' + TOP]
ODD = [u'dc=other', u'bad', u'foo=bar,' + TOP, u'', u'cn=a+sn=b,' + TOP]
ATTRIBUTES = [
    u'cn', u'sn', u'mail', u'uid', u'description', u'telephoneNumber', u'uidNumber', u'gidNumber',
    u'member', u'objectClass', u'nope', u'cn;lang-de', u'displayName', u'employeeNumber', u'name',
    u'seeAlso', u'jpegPhoto', u'homeDirectory', u'createTimestamp', u'c', u'postalAddress',
    u'preferredLanguage', u'2.5.4.4', u'labeledURI', u'title', u'x500UniqueIdentifier',
    u'entryUUID', u'facsimileTelephoneNumber', u'mobile']
VALUES = [
    b'x', b'Anna', b'anna', b'  Anna   B ', b'a@b.c', b'A@B.C', b'+49 30 12-3', b'+493012-3', b'5',
    b'05', b'-7', b'1000', b'\xc3\xb6', b'\xff', b'', b'uid=anna,dc=example,dc=org',
    b'UID=Anna, DC=example,DC=org', b'TRUE', b'person', b'inetOrgPerson', b'20260101000000Z', b'DE',
    b'a$b', b"'01'B", b'http://x y', b'nonsense', b'top', b'posixAccount']
CLASSES = [
    [b'inetOrgPerson'], [b'inetOrgPerson', b'posixAccount'], [b'person'], [b'organizationalUnit'],
    [b'posixAccount'], [b'top'], [b'none'], [b'groupOfNames'], [b'inetOrgPerson', b'groupOfNames'],
    [b'inetOrgPerson', b'extensibleObject']]
LISTS = [[], [u'*'], [u'1.1'], [u'cn'], [u'name'], [u'uid', u'nope']]
OWN = frozenset((u'entryuuid', u'createtimestamp', u'modifytimestamp'))


class Operations(object):
    """Makes operations, the same for the same seed on every runtime."""

    def __init__(self, seed):
        self._random = random.Random(seed)

    def choice(self, values):
        """One of the values; ``random.choice`` differs between versions."""
        return values[int(self._random.random() * len(values))]

    def below(self, number):
        """A number below another."""
        return int(self._random.random() * number)

    def value(self):
        return self.choice(VALUES)

    def rdn(self):
        return self.choice([u'uid=%s', u'cn=%s', u'UID=%s']) % format_value(
            self.choice(NAMES).encode('utf-8'))

    def dn(self):
        if self.below(5):
            return u'%s,%s' % (self.rdn(), self.choice(PARENTS))
        return self.choice(PARENTS + ODD)

    def filter(self, depth=0):
        """The text of a filter."""
        kind = self.below(10 if depth < 2 else 7)
        name = self.choice(ATTRIBUTES)
        value = self.value()
        if kind < 2:
            return u'(%s=%s)' % (name, escaped(value))
        if kind == 2:
            return u'(%s=*)' % name
        if kind == 3:
            return u'(%s=%s*%s)' % (name, escaped(value[:1] or b'a'),
                                    escaped(self.value()[-1:] or b'b'))
        if kind == 4:
            return u'(%s%s%s)' % (name, self.choice([u'>=', u'<=', u'~=']), escaped(value))
        if kind == 5:
            rule = self.choice([u'', u':dn', u':2.5.13.5', u':caseIgnoreMatch',
                                u':dn:caseExactMatch'])
            return u'(%s%s:=%s)' % (name, rule, escaped(value))
        if kind == 6:
            return u'(objectClass=%s)' % self.choice([u'person', u'top', u'*', u'none'])
        if kind == 7:
            return u'(!%s)' % self.filter(depth + 1)
        parts = [self.filter(depth + 1) for _ in range(self.below(4))]
        return u'(%s%s)' % (self.choice([u'&', u'|']), u''.join(parts))

    def next(self):
        """The next request."""
        kind = self.below(20)
        if kind < 5:
            return self.add()
        if kind < 9:
            changes = []
            for _ in range(1 + self.below(2)):
                values = [self.value() for _ in range(self.below(3))]
                changes.append(Change(self.choice([ADD, ADD, DELETE, REPLACE, REPLACE, INCREMENT]),
                                      self.choice(ATTRIBUTES), values))
            return ModifyRequest(self.dn(), changes)
        if kind == 9:
            return DeleteRequest(self.dn())
        if kind == 10:
            return ModifyDNRequest(self.dn(), self.choice([self.rdn(), self.rdn(), u'cn=a,cn=b',
                                                           u'']), self.below(2) == 0,
                                   self.choice([None, None] + PARENTS))
        if kind < 13:
            return CompareRequest(self.dn(), self.choice(ATTRIBUTES), self.value())
        return self.search()

    def add(self):
        """An AddRequest."""
        classes = self.choice(CLASSES)
        attributes = [(u'objectClass', classes)]
        for name in (u'sn', u'cn'):
            if self.below(10):
                attributes.append((name, [self.value() or b'x']))
        if b'posixAccount' in classes:
            attributes += [(u'uid', [b'anna']), (u'uidNumber', [b'5']), (u'gidNumber', [b'7']),
                           (u'homeDirectory', [b'/x'])]
        if b'groupOfNames' in classes:
            attributes.append((u'member', [self.value()]))
        for _ in range(self.below(3)):
            values = [self.value() for _ in range(1 + self.below(2))]
            attributes.append((self.choice(ATTRIBUTES), values))
        return AddRequest(self.dn(), attributes)

    def search(self):
        """A SearchRequest."""
        base = TOP if self.below(5) < 3 else self.dn()
        return SearchRequest(base, self.below(3), self.choice([0, 0, 0, 3]),
                             self.choice([0, 0, 0, 2]), 0, not self.below(10),
                             parse_filter(self.filter()), self.choice(LISTS))


@coroutine
def ask(client, request):
    """A Future of (code, matched DN, what was found in one order)."""
    found = []
    if not isinstance(request, SearchRequest):
        result = yield client.result_of(request)
        raise Return((result.code, result.matched, None))
    result = yield client.result_of(request, (), found.append)
    shown = []                  # type: ignore
    for entry in found:
        pairs = [(name.lower(), sorted(values)) for name, values in entry.attributes
                 if name.lower() not in OWN]
        shown.append((standard_schema().dn_key(entry.dn), sorted(pairs)))
    raise Return((result.code, result.matched, len(shown) if request.size_limit
                  else sorted(shown)))


def explained(request, ours, theirs):
    """Why the two differ rightly; '' if they should not."""
    if isinstance(request, SearchRequest) and not request.base and theirs[0] == 32:
        return u'a search below the root finds what the only suffix has'
    if isinstance(request, ModifyDNRequest) and ours[0] == theirs[0] == 32:
        return u'the closest entry above is named for every noSuchObject'
    if isinstance(request, AddRequest) and 20 in (ours[0], theirs[0]):
        keys = [standard_schema().key_of(name) for name, _ in request.attributes]
        if len(set(keys)) != len(keys):
            return u'an attribute that comes twice is found at another time'
    return u''


@coroutine
def undo(clients, request):
    """Makes both alike again after one has made a change."""
    names = [request.dn]
    if isinstance(request, ModifyDNRequest):
        above = request.new_superior or request.dn.partition(u',')[2]
        names.append(u'%s,%s' % (request.new_rdn, above))
    for client in clients:
        for name in names:
            yield client.result_of(DeleteRequest(name))


@coroutine
def compare(loop, ports, count, seed):
    """Runs the operations; a Future of (explained, differing)."""
    clients = []
    for port in ports:
        client = yield connect(loop, '127.0.0.1', port)
        yield client.bind(u'cn=admin,' + TOP, SECRET)
        for name in (u'people', u'Groups', u'x y'):
            yield client.add(u'ou=%s,%s' % (name, TOP), [(u'objectClass', [b'organizationalUnit'])])
        clients.append(client)
    operations = Operations(seed)
    reasons = 0
    differing = 0
    for _ in range(count):
        try:
            request = operations.next()
        except LDAPError:           # a filter that is none, such as one with two asterisks
            continue
        ours = yield ask(clients[0], request)
        theirs = yield ask(clients[1], request)
        if ours == theirs:
            continue
        if not isinstance(request, (SearchRequest, CompareRequest)) and 0 in (ours[0], theirs[0]):
            yield undo(clients, request)
        if explained(request, ours, theirs):
            reasons += 1
            continue
        differing += 1
        print('%r: %r and %r' % (request, ours, theirs))
    for client in clients:
        yield client.unbind()
    raise Return((reasons, differing))


def main():
    """The program."""
    ports = [int(word) for word in sys.argv[1:3]]
    count = int(sys.argv[3])
    seed = int(sys.argv[4])
    loop = runtimes.choose()
    found = loop.run_until(compare(loop, ports, count, seed))
    loop.close()
    print('done: %d operations, %d explained, %d differ' % ((count,) + found))


if __name__ == '__main__':
    main()
